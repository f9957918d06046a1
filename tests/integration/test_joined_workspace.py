"""A folder, a table, an Elasticsearch-shaped server and a web search answer together, and without any of them."""

from __future__ import annotations

import socket
import sqlite3
from contextlib import nullcontext

import pytest

import surefoot
from surefoot.core.errors import TransientError
from surefoot.core.roles import Call
from surefoot.core.types import Asker
from surefoot.testing.chat_server import Sent, whole
from surefoot.testing.engine_server import EngineServer, Held

pytestmark = pytest.mark.slow

NOTES = {
    "en": "---\narea: town\n---\n# Harbour notes\n\nThe harbour office is painted green. "
    "The night watch carries two lanterns.\n",
    "zh": "---\narea: town\n---\n# 港口笔记\n\n港口办公室漆成绿色。夜班守卫带着两盏灯笼。\n",
}
ROWS = {
    "en": ("ferry", "The ferry to Heron Island costs eleven crowns for each adult.", "Fares"),
    "zh": ("渡船", "前往苍鹭岛的渡船每位成人收费十一克朗。", "票价"),
}
WIKI = {
    "en": Held("w1", "The lighthouse keeper repairs the foghorn every second Tuesday.", "Foghorn",
               "https://wiki.example.org/foghorn", {"area": "tower"}),
    "zh": Held("w1", "灯塔看守人每隔一个星期二修理雾笛。", "雾笛", "https://wiki.example.org/foghorn",
               {"area": "tower"}),
}  # fmt: skip
WEB = {
    "en": Held("s1", "The regatta of 1987 was won by the sloop Silver Gull.", "Regatta history",
               "https://www.example.com/regatta"),
    "zh": Held("s1", "1987年的帆船赛由单桅帆船银鸥号夺冠。", "帆船赛历史", "https://www.example.com/regatta"),
}  # fmt: skip
ASKED = {
    "folder": {"en": "What colour is the harbour office painted?", "zh": "港口办公室漆成什么颜色？"},
    "fares": {"en": "How much does the ferry to Heron Island cost?", "zh": "前往苍鹭岛的渡船收费多少？"},
    "wiki": {"en": "How often does the lighthouse keeper repair the foghorn?", "zh": "灯塔看守人多久修理一次雾笛？"},
    "web": {"en": "Who won the regatta of 1987?", "zh": "1987年的帆船赛由谁夺冠？"},
}  # fmt: skip
TOLD = {
    "folder": {"en": "green", "zh": "绿色"},
    "fares": {"en": "eleven crowns", "zh": "十一克朗"},
    "wiki": {"en": "second Tuesday", "zh": "每隔一个星期二"},
    "web": {"en": "Silver Gull", "zh": "银鸥号"},
}
CITED = {
    "fares": "https://fares.example.org/1",
    "wiki": "https://wiki.example.org/foghorn",
    "web": "https://www.example.com/regatta",
}
SOLUTION = """
schema = 1
[corpus]
sources = [{{ kind = "folder", path = "docs" }}]
describe = [{{ kind = "frontmatter" }}]
[[stages]]
kind = "search"
[[stages]]
kind = "federate"
[[stages.engines]]
kind = "sql"
name = "fares"
file = "fares.sqlite"
query = '''
SELECT id, title, text, url,
       (SELECT count(*) FROM json_each(:terms) AS t WHERE instr(lower(text), t.value)) AS score
FROM fares WHERE score > 0 ORDER BY score DESC LIMIT :limit
'''
[[stages.engines]]
kind = "elasticsearch"
name = "wiki"
base_url = "{wiki}"
index = "pages"
timeout_s = 1.0
fields = {{ text = "text", title = "title", url = "url" }}
filter = {{ area = "area" }}
[[stages.engines]]
kind = "searxng"
name = "web"
base_url = "{web}"
timeout_s = 1.0
[[stages]]
kind = "quote"
"""


@pytest.fixture(scope="module", params=["en", "zh"])
def lang(request):
    return request.param


@pytest.fixture(scope="module")
def all_servers(lang):
    with EngineServer([WIKI[lang]]) as wiki, EngineServer([WEB[lang]]) as web:
        yield {"wiki": wiki, "web": web}


@pytest.fixture
def servers(all_servers):
    yield all_servers
    for server in all_servers.values():
        server.script, server.slow_s = [], 0.0


@pytest.fixture(scope="module")
def space(all_servers, lang, tmp_path_factory):
    root = tmp_path_factory.mktemp("joined")
    (root / "docs").mkdir()
    (root / "docs" / "notes.md").write_text(NOTES[lang], encoding="utf-8")
    connection = sqlite3.connect(root / "fares.sqlite")
    connection.execute("CREATE TABLE fares (id, text, title, url)")
    connection.execute("INSERT INTO fares VALUES (?, ?, ?, ?)", (*ROWS[lang], CITED["fares"]))
    connection.commit()
    connection.close()
    (root / "broken.sqlite").write_bytes(b"this is no database at all, however long it may be")
    text = SOLUTION.format(wiki=all_servers["wiki"].url, web=all_servers["web"].url)
    (root / "surefoot.toml").write_text(text, encoding="utf-8")
    with surefoot.open(root) as space:
        space.sync()
        yield space


def told(answer, where, lang):
    return not answer.refused and TOLD[where][lang] in answer.text


@pytest.mark.parametrize("where", ASKED)
def test_each_place_answers_and_is_cited_by_its_address(space, where, lang):
    answer = space.ask(ASKED[where][lang])
    assert told(answer, where, lang), answer
    cited = next(c for c in answer.citations if TOLD[where][lang] in c.quote)
    assert cited.chunk.text[cited.source_start : cited.source_end] == cited.quote
    if where in CITED:
        assert cited.chunk.uri == CITED[where]
        assert cited.chunk.document_id.startswith(f"{where}:")
        assert CITED[where] in str(answer)


FAULTS = {
    "server error": [whole({"error": "oops"}, 500)] * 4,
    "busy": [whole({"error": "later"}, 429, Retry_After="30")] * 4,
    "no json": [Sent(b"{torn")] * 4,
    "html": [Sent(b"<html>sign in</html>", headers={"Content-Type": "text/html"})] * 4,
    "wrong shape": [whole({"hits": 3, "results": {}})] * 4,
    "nothing": [Sent(b"")] * 4,
    "huge": [Sent(b" " * 5_000_000)] * 4,
    "slow": [],
    "down": [],
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("broken", ["wiki", "web"])
def test_the_others_answer_when_one_is_broken(space, servers, lang, broken, fault):
    engine = servers[broken]
    engine.script = list(FAULTS[fault])
    engine.slow_s = 3.0 if fault == "slow" else 0.0
    place = {"wiki": 1, "web": 2}[broken]
    gone = {f"stages.1.engines.{place}.base_url": nobody()} if fault == "down" else {}
    with space.varied(gone) if gone else nullcontext(space) as asking:
        for where in ("folder", "web" if broken == "wiki" else "wiki"):
            asked = asking.run(asking.query(ASKED[where][lang]))
            assert told(asked.turn.answer, where, lang), (where, asked.turn.answer)
            assert any(note.message.startswith(f"{broken} left out: ") for note in asked.turn.notes)
            engine.script = list(FAULTS[fault])


def nobody():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{bound.getsockname()[1]}"


@pytest.mark.parametrize("file", ["broken.sqlite", "missing.sqlite"])
def test_a_broken_table_leaves_the_others(space, servers, lang, file):
    with space.varied({"stages.1.engines.0.file": file}) as broken:
        for where in ("folder", "wiki", "web"):
            asked = broken.run(broken.query(ASKED[where][lang]))
            assert told(asked.turn.answer, where, lang)
            assert any(note.message.startswith("fares left out: ") for note in asked.turn.notes)


def test_all_engines_down_leave_the_folder(space, servers, lang):
    with space.varied({"stages.1.engines.0.file": "missing.sqlite"}) as broken:
        for question, answers in ((ASKED["folder"], True), (ASKED["web"], False)):
            for engine in servers.values():
                engine.script = [Sent(b"")] * 2
            asked = broken.run(broken.query(question[lang]))
            assert told(asked.turn.answer, "folder", lang) == answers
            assert len([n for n in asked.turn.notes if "left out: " in n.message]) == 3


def test_a_filter_reaches_the_engine_that_knows_it_and_the_others_are_left_out(space, lang):
    filter = {"type": "eq", "key": "area", "value": "tower"}
    asked = space.run(space.query(ASKED["wiki"][lang], filter=filter))
    assert {hit.chunk.document_id for hit in asked.turn.hits} == {"wiki:w1"}
    said = [note.message for note in asked.turn.notes]
    assert any("fares left out: cannot filter by 'area'" in text for text in said)
    assert any("web left out: cannot filter by 'area'" in text for text in said)


def test_who_may_not_use_an_engine_gets_what_others_find(space, lang):
    with space.varied({"stages.1.engines.1.users": ["ann"]}) as guarded:
        ann, bob = (Asker(name, (), trusted=False) for name in ("ann", "bob"))
        question = ASKED["wiki"][lang]
        assert any(h.chunk.uri == CITED["wiki"] for h in guarded.search(question, asker=ann))
        assert not any(h.chunk.uri == CITED["wiki"] for h in guarded.search(question, asker=bob))
    assert space.resources.digest


STAGES_AFTER = [
    [{"kind": "rerank"}],
    [{"kind": "rerank", "by": {"kind": "late-interaction"}}],
    [{"kind": "parents"}],
    [{"kind": "neighbours", "before": 1, "after": 1}],
    [{"kind": "diversify"}],
    [{"kind": "distinct"}],
    [{"kind": "arrange"}],
    [{"kind": "budget"}],
    [{"kind": "prefer-inferred"}],
    [{"kind": "rerank"}, {"kind": "distinct"}, {"kind": "parents"}, {"kind": "arrange"}],
]


@pytest.mark.parametrize(
    "stages", STAGES_AFTER, ids=lambda stages: "+".join(s["kind"] for s in stages)
)
def test_what_follows_works_with_passages_from_elsewhere(space, lang, stages):
    search, federate, quote = space.settings_in_force()["stages"]
    with space.varied({"stages": [search, federate, *stages, quote]}) as longer:
        for where in ("folder", "web"):
            answer = longer.ask(ASKED[where][lang])
            assert told(answer, where, lang), (where, answer)


def test_it_searches_alone_without_any_search_of_its_own(space, servers, lang):
    _, federate, quote = space.settings_in_force()["stages"]
    with space.varied({"stages": [federate, quote], "corpus.sources": []}) as alone:
        assert told(alone.ask(ASKED["web"][lang]), "web", lang)
        for engine in servers.values():
            engine.script = [Sent(b"")] * 2
        federate["engines"][0]["file"] = "missing.sqlite"
    with (
        space.varied({"stages": [federate, quote], "corpus.sources": []}) as alone,
        pytest.raises(TransientError, match="nothing could be searched"),
    ):
        alone.ask(ASKED["web"][lang])


def test_the_trace_and_the_steps_say_which_engine_found_what(space, lang):
    asked = space.run(space.query(ASKED["web"][lang]), Call())
    step = next(step for step in asked.steps if step.kind == "federate")
    best = next(hit for hit in step.after.hits if hit.chunk.uri == CITED["web"])
    assert best.signals["web_rank"] == 1.0
    spans = space.ledger.trace(asked.trace_id)
    said = {key: value for span in spans for key, value in span.attributes.items()}
    assert said["surefoot.engine.web.hits"] == 1
    assert said["surefoot.engine.wiki.seconds"] >= 0


def test_settings_of_engines_count_for_the_digest_and_keys_do_not(space):
    before = space.resources.digest
    for path, value, changes in (
        ("stages.1.engines.1.key", "env:WIKI_KEY", False),
        ("stages.1.engines.1.timeout_s", 9.0, False),
        ("stages.1.engines.1.weight", 2.0, True),
        ("stages.1.engines.1.index", "others", True),
        ("stages.1.engines.0.limit", 3, True),
    ):
        with space.varied({path: value}) as other:
            assert (other.resources.digest != before) == changes, path
