"""A small comparison whose outcome is known: the model reads passages, and remembers facts as they once were."""

from __future__ import annotations

import json
import re

import pytest

import surefoot
from surefoot.cli.main import run
from surefoot.core.roles import Message, Reply, Sampling
from surefoot.core.types import EvalCase, GoldSpan, Usage
from surefoot.evaluate.evalsets import make_evalset, write_evalset
from surefoot.optimize.compare.compare import compare_methods
from surefoot.optimize.compare.freshness import FRESH_BEFORE, FRESHNESS, STALE
from surefoot.optimize.compare.hallucination import (
    HALLUCINATION,
    REFUSED_RIGHTLY,
    REFUSED_WRONGLY,
)
from surefoot.optimize.compare.settings import CompareSettings
from surefoot.optimize.compare.table import table_rows
from surefoot.optimize.compare.verdict import verdict_words
from surefoot.testing.chat_server import ChatServer
from surefoot.testing.fakes import FakeChat

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

TOWNS = {
    "en": ["Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Ivy", "Juniper"],
    "zh": ["桤木镇", "白桦镇", "雪松镇", "茱萸镇", "榆树镇", "冷杉镇", "银杏镇", "榛子镇", "常春镇", "刺柏镇"],
}  # fmt: skip
SENTENCE = {
    "en": "The town of {0} has {1} cranes in its harbour.",
    "zh": "{0}的港口有{1}台起重机。",
}
ASKED = {"en": "How many cranes has the town of {0}?", "zh": "{0}有多少台起重机？"}
ABSENT = {"en": "How many cranes has the town of Walnut?", "zh": "核桃镇有多少台起重机？"}
SOLUTION = """
schema = 1
[endpoints.fake]
base_url = "{url}"
model = "m"
[corpus]
sources = [{{ kind = "folder", path = "docs" }}]
embed = {{ kind = "hash", dimensions = 64 }}
[[stages]]
kind = "search"
[[stages]]
kind = "answer"
model = "http:fake"
reply = "plain"
passages = 10
"""


class Reader(FakeChat):
    """Says what the passages say of the town that is asked about, else what it remembers, else that it cannot."""

    def __init__(self, lang: str) -> None:
        super().__init__(["-"])
        self._lang = lang
        self._known = {town: 20 + place for place, town in enumerate(TOWNS[lang][:4])}
        self._said = re.compile(SENTENCE[lang].format(r"(\S+?)", r"(\d+)").replace(".", r"\."))

    def chat(self, messages, sampling: Sampling, on_text=None) -> Reply:
        text = "\n".join(message.content for message in messages)
        town = next(
            (town for town in TOWNS[self._lang] if town in messages[-1].content.splitlines()[-1]),
            "",
        )
        read = dict(self._said.findall(text)).get(town) or self._known.get(town)
        said = str(read) if read else _declining(messages)
        if on_text is not None:
            on_text(said)
        return Reply(said, Usage(self.count_tokens(text), self.count_tokens(said), calls=1))


def _declining(messages: list[Message]) -> str:
    """The sentence that the prompt asks for where the answer is not known."""
    said = re.search(
        r"(?:exactly this sentence|只回复这一句话|reply[^:]*)[:：]\s*(.+)", messages[-1].content
    )
    return said.group(1).strip() if said else "?"


@pytest.fixture(params=["en", "zh"])
def town(request, tmp_path):
    lang = request.param
    (tmp_path / "docs").mkdir()
    cases = [EvalCase("absent", ABSENT[lang], lang, answerable=False)]
    for place, name in enumerate(TOWNS[lang]):
        text = SENTENCE[lang].format(name, 20 + place)
        (tmp_path / "docs" / f"d{place}.md").write_text(text + "\n", encoding="utf-8")
        start = text.index(str(20 + place))
        gold = (GoldSpan(f"docs/d{place}.md", str(20 + place), start, start + 2),)
        asked, relevant = ASKED[lang].format(name), {gold[0].document_id: 1}
        cases.append(EvalCase(f"q{place}", asked, lang, relevant, (gold[0].quote,), gold=gold))
    evalset = make_evalset("cranes", cases)
    with ChatServer(Reader(lang)) as server:
        (tmp_path / "surefoot.toml").write_text(SOLUTION.format(url=server.url), encoding="utf-8")
        write_evalset(evalset, tmp_path / "evalsets" / "cranes.jsonl", overwrite=True)
        with surefoot.open(tmp_path) as space:
            space.sync()
            yield lang, space, evalset


def test_retrieval_stays_fresh_where_memory_is_stale(town, monkeypatch, capsys):
    lang, space, evalset = town
    before = space.resources.index().version()
    settings = CompareSettings(methods=("prompt", "rag"), seeds=(1,))
    found = compare_methods(space, evalset, None, settings)
    rows = {row.method: row for row in table_rows(found)}
    rag, prompt = rows["rag"].scores, rows["prompt"].scores
    assert rows["rag"].quality.value == 1.0 and rows["prompt"].quality.value < 0.6
    assert (rag[FRESHNESS].value, rag[FRESH_BEFORE].value, rag[STALE].value) == (1.0, 1.0, 0.0)
    assert prompt[FRESHNESS].value == 0.0
    assert prompt[STALE].value == prompt[FRESH_BEFORE].value == pytest.approx(0.4)
    assert rag[FRESHNESS].n == 10
    assert rag[HALLUCINATION].value == 0.0 and rag[REFUSED_RIGHTLY].value == 1.0
    assert prompt[REFUSED_WRONGLY].value == pytest.approx(0.6)
    assert rows["rag"].update_s is not None and rows["rag"].update_how == "sync"
    assert rows["prompt"].update_how == "none"
    assert space.resources.index().version() == before
    assert all("cranes" in d.text or "起重机" in d.text for d in space.documents())
    texts = {document.text.strip() for document in space.documents()}
    assert texts == {SENTENCE[lang].format(name, 20 + i) for i, name in enumerate(TOWNS[lang])}
    assert verdict_words(found, lang)
    again = compare_methods(space, evalset, None, settings)
    assert [arm.scores for arm in again.arms] == [arm.scores for arm in found.arms]
    assert [arm.evaluation.rows for arm in again.arms] == [
        arm.evaluation.rows for arm in found.arms
    ]
    _is_reported(space.root, found.id, lang, monkeypatch, capsys)


def _is_reported(root, name, lang, monkeypatch, capsys):
    monkeypatch.chdir(root)
    assert run(["report", "--compare", name, "--out", "c.html"]) == 0
    said = capsys.readouterr().out.strip()
    html = (root / "c.html").read_text(encoding="utf-8")
    assert said in html and f'lang="{"zh-Hans" if lang == "zh" else "en"}"' in html
    assert run(["report", "--compare", "last", "--lang", "en", "--out", "c.md"]) == 0
    assert "freshness" in (root / "c.md").read_text(encoding="utf-8")
    capsys.readouterr()
    assert run(["report", "--compare", "last", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["metric"] == "right_or_refusal"
    assert run(["report", "--compare", "nothing"]) == 3
