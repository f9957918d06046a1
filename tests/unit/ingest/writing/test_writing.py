"""A chat model writes what is missing of an index, once, within a budget; what it cannot do is counted and named."""

import pytest

from surefoot.config.prompts import Prompts
from surefoot.config.solution import Graph
from surefoot.core.budget import Budget
from surefoot.core.errors import ConfigError, DataError, TransientError
from surefoot.core.lang import detect
from surefoot.core.roles import Extracted
from surefoot.ingest.chunk import StructureChunker, StructureSettings
from surefoot.ingest.sources import FolderSettings, FolderSource
from surefoot.ingest.sync import Tools, make_plan, run
from surefoot.ingest.views.model_questions import ModelQuestions, ModelQuestionsSettings
from surefoot.ingest.views.model_summary import ModelSummary, ModelSummarySettings
from surefoot.ingest.views.sentences import SentencesSettings, SentencesViewer
from surefoot.ingest.writing import asker as asking
from surefoot.ingest.writing import finish as finishing
from surefoot.ingest.writing.asker import Asker
from surefoot.ingest.writing.desk import Desk, Models
from surefoot.ingest.writing.finish import finish, pending
from surefoot.ingest.writing.forecast import forecast
from surefoot.ingest.writing.naming import ModelNames
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.store.replies import ReplyBook
from surefoot.testing.fakes import FakeChat
from surefoot.testing.memory_index import FakeIndex

TEXTS = {
    "en": "# Alder {n}\n\nThe harbour of Alder has {n} cranes. Lena Holm built it in Oslo. The ferry leaves at noon.\n",
    "zh": "# 桦林{n}\n\n桦林港有{n}台起重机。工程师林海在奥斯陆建成了它。渡轮中午开船。\n",
}
REPLIES = {
    ("en", "summary"): "The harbour of Alder has cranes. Lena Holm built it.",
    ("en", "questions"): "Who built the harbour of Alder?\nWhen does the ferry leave?",
    (
        "en",
        "names",
    ): "NAME: Lena Holm\nNAME: Oslo\nNAME: Atlantis\nLINK: Lena Holm | Oslo\nLINK: Oslo | Mars",
    ("zh", "summary"): "桦林港有起重机，由林海建成。",
    ("zh", "questions"): "桦林港由谁建成？\n渡轮几点开船？",
    (
        "zh",
        "names",
    ): "名称：林海\n名称：奥斯陆\n名称：亚特兰蒂斯\n关系：林海 | 奥斯陆\n关系：奥斯陆 | 火星",
}


def told(messages):
    text = messages[-1].content
    what = "names"
    if "ummary" in text or "摘要" in text:
        what = "summary"
    elif "uestions" in text or "问题" in text:
        what = "questions"
    return REPLIES[detect(text.rpartition("\n")[0]), what]


NO_LIMIT = Budget()


class House:
    """A folder of documents, an index in memory and a chat model that is asked about them."""

    def __init__(self, root, replies=told):
        self.root = root
        self.docs = root / "docs"
        self.docs.mkdir()
        self.chat = FakeChat(replies)
        self.index = FakeIndex()
        self.encoder = HashEncoder(HashSettings(dimensions=32))
        self.now = 0.0
        self.digest = "model"
        self.opened = 0
        self.prompt = Prompts().get
        self.graph = Graph(model="m")

    def write(self, lang, *numbers):
        for n in numbers:
            (self.docs / f"{n}.md").write_text(TEXTS[lang].format(n=n), "utf-8")

    def open(self, name):
        self.opened += 1
        return self.chat

    @property
    def asked(self):
        return len(self.chat.asked)

    def desk(self):
        writers = [
            ModelSummary(ModelSummarySettings(model="m"), self.encoder, self.prompt),
            ModelQuestions(ModelQuestionsSettings(model="m"), self.encoder, self.prompt),
            ModelNames(self.graph, self.prompt),
        ]
        models = Models(self.open, lambda name: self.digest)
        return Desk(writers, models, ReplyBook.at(self.root / "inner"), "here#1")

    def tools(self, desk):
        chunker = StructureChunker(StructureSettings(max_tokens=64), self.encoder)
        read = lambda paths: ((p, Extracted(p.read_text(encoding="utf-8"))) for p in paths)  # noqa: E731
        return Tools(
            self.index,
            chunker,
            self.encoder,
            read,
            viewers=[SentencesViewer(SentencesSettings(), self.encoder)],
            clock=lambda: self.now,
            desk=desk,
            entities=lambda text: ("pattern",),
        )

    def sync(self):
        desk = self.desk()
        sources = [FolderSource(FolderSettings(path="docs"), self.root)]
        return run(make_plan(sources, self.index.states()), self.tools(desk))

    def finish(self, budget=NO_LIMIT, progress=None):
        desk = self.desk()
        asker = Asker(desk, budget, lambda: self.now)
        states = pending(self.index.states())
        return finish(self.tools(desk), asker, states, progress=progress)

    def views(self, name):
        return {(v.view, v.indexed_text) for v in self.index.views(name)}

    def pending(self):
        return {s.id: s.pending for s in self.index.states() if s.pending}


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_documents_are_indexed_first_and_written_of_afterwards(house, lang):
    house.write(lang, 1, 2)
    report = house.sync()
    assert (report.added, house.asked, house.opened) == (2, 0, 0)
    assert house.pending() == {"docs/1.md": 3, "docs/2.md": 3}
    sentences = house.views("docs/1.md")
    done = house.finish()
    assert (done.asked, done.documents, done.views, done.left) == (6, 2, 6, 0)
    assert done.usage.calls == 6
    assert house.pending() == {}
    found = house.views("docs/1.md")
    assert sentences < found
    assert {view for view, _ in found} == {"sentences", "model-summary", "model-questions"}
    assert [m.entities for m in house.index.mentions()] == 2 * [
        ("lena holm", "oslo", "pattern", "lena holm→oslo")
        if lang == "en"
        else ("林海", "奥斯陆", "pattern", "奥斯陆→林海")
    ]
    assert house.finish().asked == 0


def test_nothing_is_asked_twice(house):
    house.write("en", 1, 2)
    house.sync()
    house.finish()
    (house.docs / "copy.md").write_text((house.docs / "1.md").read_text() + "\nMore.\n")
    house.write("en", 3)
    house.index = FakeIndex()  # another recipe's index
    house.sync()
    assert set(house.pending()) == {"docs/3.md", "docs/copy.md"}
    assert house.views("docs/1.md") >= {("model-summary", f"Alder 1\n{REPLIES['en', 'summary']}")}
    before = house.asked
    house.finish()
    assert house.asked == before + 6


def test_a_changed_prompt_or_model_asks_anew(house):
    house.write("en", 1)
    house.sync()
    house.finish()
    prompt = house.prompt
    house.prompt = lambda name, lang: prompt("view/context" if name == "x" else name, lang)
    house.index = FakeIndex()
    house.sync()
    assert house.pending() == {}
    house.digest = "another"
    house.index = FakeIndex()
    house.sync()
    assert house.pending() == {"docs/1.md": 3}


def test_a_budget_stops_it_and_the_next_run_goes_on(house):
    house.write("en", 1, 2, 3)
    house.sync()
    done = house.finish(Budget(calls=4))
    assert (done.asked, done.left, done.capped) == (4, 5, True)
    assert "4 calls" in done.stopped
    assert house.pending() == {"docs/2.md": 2, "docs/3.md": 3}
    assert house.views("docs/1.md") >= {("model-summary", f"Alder 1\n{REPLIES['en', 'summary']}")}
    assert house.finish().asked == 5
    assert house.asked == 9


def test_a_budget_of_time_ends_in_the_middle_of_a_reply(house):
    house.write("en", 1)
    house.sync()

    def slow(messages):
        house.now += 100
        return told(messages)

    house.chat = FakeChat(slow)
    done = house.finish(Budget(wall_s=150))
    assert (done.asked, done.capped) == (1, True)
    assert done.left == 2


def test_no_budget_asks_nothing_and_opens_nothing(house):
    house.write("en", 1)
    house.sync()
    done = house.finish(Budget(calls=0))
    assert (done.asked, done.left, house.opened) == (0, 3, 0)


@pytest.mark.parametrize("problem", [TransientError("no reply"), ConfigError("the key is refused")])
def test_a_model_out_of_reach_stops_it_and_keeps_what_is_done(house, problem):
    house.write("en", 1, 2)
    house.sync()
    replies = [REPLIES["en", "summary"], REPLIES["en", "questions"], problem]
    house.chat = FakeChat(replies)
    done = house.finish()
    assert done.asked == 2
    assert problem.message in done.stopped
    assert not done.capped
    assert house.asked == (2 + asking.FAILURES if isinstance(problem, TransientError) else 3)
    assert house.pending()["docs/1.md"] == 1
    house.chat = FakeChat(told)
    assert house.finish().left == 0
    assert house.asked == 4


def test_one_reply_that_is_late_is_asked_for_at_the_next_run(house):
    house.write("en", 1, 2)
    house.sync()
    late = [TransientError("slow")]
    house.chat = FakeChat(lambda messages: late.pop() if late else told(messages))
    done = house.finish()
    assert (done.asked, done.left, done.stopped) == (5, 1, "")
    assert house.finish().asked == 1


def test_a_passage_that_the_model_fails_for_is_named_and_not_asked_again(house):
    house.write("en", 1)
    house.sync()
    house.chat = FakeChat([DataError("the request is refused"), "Bananas!", "NAME: Atlantis"])
    done = house.finish()
    assert (done.asked, done.failed, done.left, done.views) == (3, 1, 0, 0)
    assert len(done.notes) == 3
    assert "docs/1.md, passage 0: no model-summary" in done.notes[0]
    assert "the request is refused" in done.notes[0]
    assert "graph" in done.notes[2]
    assert {s.status for s in house.index.states()} == {"ok"}
    assert [m.entities for m in house.index.mentions()] == [("pattern",)]
    assert house.finish().asked == 0


def test_what_a_document_no_more_says_is_kept_no_more(house):
    house.write("en", 1)
    house.sync()
    house.finish()
    book = house.desk().book
    assert book.count() == 3
    (house.docs / "1.md").write_text("Nothing of it is left here now. Two. Three.")
    house.sync()
    assert book.count() == 0


def test_it_commits_as_it_goes(house, monkeypatch):
    monkeypatch.setattr(finishing, "COMMIT_CHUNKS", 1)
    house.write("en", 1, 2, 3)
    house.sync()
    commits, shown = house.index.commits, []
    house.finish(progress=lambda done, total, what: shown.append((done, what)))
    assert house.index.commits == commits + 3
    assert [done for done, _ in shown] == list(range(1, 10))
    assert "each" in shown[-1][1]


def test_the_forecast_counts_all_and_tells_time_from_a_few(house):
    def timed(messages):
        house.now += 2.0
        return told(messages)

    house.write("en", *range(1, 6))
    house.sync()
    house.chat = FakeChat(timed)
    desk = house.desk()
    asker = Asker(desk, clock=lambda: house.now)
    found = forecast(house.tools(desk), asker, pending(house.index.states()))
    probed = house.asked
    assert probed == 9
    assert found.calls == 15 - probed
    assert {part.name for part in found.parts} == {"model-summary", "model-questions", "graph"}
    assert sum(part.seconds for part in found.parts) == pytest.approx(2.0 * found.calls, rel=0.05)
    assert all(part.low_s <= part.seconds <= part.high_s for part in found.parts)
    assert all("2 calls about 2 documents" in line for line in found.lines())
    assert house.finish().asked == found.calls  # nothing is asked twice


def test_a_forecast_without_probes_counts_alone(house):
    house.write("zh", *range(1, 6))
    house.sync()
    desk = house.desk()
    found = forecast(house.tools(desk), Asker(desk), pending(house.index.states()), probe=False)
    assert (found.calls, house.asked) == (15, 0)
    assert all(part.seconds is None for part in found.parts)
