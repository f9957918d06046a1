"""A chat model writes views of a whole workspace: found by them, gone on with after a kill, stopped at a budget."""

import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import surefoot
from surefoot.cli.main import run as cli
from surefoot.config.catalog import load_catalog
from surefoot.config.settings import load_settings
from surefoot.core.budget import Budget
from surefoot.core.errors import MissingError, TransientError
from surefoot.core.lang import detect
from surefoot.core.types import Asker
from surefoot.models.base import ModelEnv
from surefoot.models.chat import open_chat
from surefoot.run.writing import Terms, forecast_views, tidy, write_views
from surefoot.testing.chat_server import ChatServer, whole
from surefoot.testing.fakes import FakeChat

CHILD = Path(__file__).with_name("writing_child.py")
TEXTS = {
    "en": "# Alder {n}\n\nThe harbour of Alder has {n} cranes. Lena Holm built it. The ferry leaves at noon.\n\n"
    "## Prices {n}\n\nA ticket costs {n} crowns. Dogs ride free. Children pay half of it.\n",
    "zh": "# 桦林{n}\n\n桦林港有{n}台起重机。工程师林海建成了它。渡轮中午开船。\n\n"
    "## 价格{n}\n\n船票价格是{n}元。狗可以免费乘船。儿童半价。\n",
}
ASKED = {
    "en": ("Which vessel carries pets without pay?", "Which vessel carries pets without pay? Dogs ride free?"),
    "zh": ("宠物坐船要钱吗？", "狗坐船免费吗？"),
}  # fmt: skip
SAID = {
    "en": (
        "Alder has a harbour. Lena Holm built the ferry.",
        "A ticket is needed. Dogs ride free.",
    ),
    "zh": ("桦林港由林海建成。", "船票价格，狗免费乘船。"),
}
SOLUTION = """schema = 1
[corpus]
sources = [{{ kind = "folder", path = "docs" }}]
embed = {{ kind = "hash" }}
chunk = {{ kind = "structure", max_tokens = 32, pack_tokens = 0 }}
views = [{views}]
{graph}
[endpoints.x]
base_url = "{url}"
model = "m"
[[stages]]
kind = "search"
views = {{ model-summary = 0.2, model-questions = 0.5, model-context = 0.1 }}
[[stages]]
kind = "quote"
"""
KINDS = ("model-summary", "model-questions", "model-context")


def told(messages):
    text = messages[-1].content
    lang = detect(text)
    is_price = "ticket" in text.rsplit("\n", 4)[-4] or "船票" in text or "A ticket" in text
    if "uestions that" in text or "回答的" in text:
        return ASKED[lang][1] if is_price else "Who built the harbour of Alder?\n桦林港由谁建成？"
    if "LINK" in messages[0].content or "关系" in messages[0].content:
        return "NAME: Lena Holm\nNAME: Alder\nLINK: Alder | Lena Holm\n名称：林海\n名称：桦林港"
    return SAID[lang][is_price]


@pytest.fixture
def server():
    with ChatServer(FakeChat(told)) as running:
        yield running


@pytest.fixture
def house(tmp_path, server):
    def make(lang="en", documents=2, kinds=KINDS, graph=True):
        docs = tmp_path / "docs"
        docs.mkdir(exist_ok=True)
        for n in range(3, 3 + documents):
            (docs / f"{n}.md").write_text(TEXTS[lang].format(n=n), "utf-8")
        views = ", ".join(f'{{ kind = "{kind}", model = "http:x" }}' for kind in kinds)
        named = 'graph = { model = "http:x" }' if graph else ""
        text = SOLUTION.format(views=views, url=server.url, graph=named)
        (tmp_path / "surefoot.toml").write_text(text, "utf-8")
        return tmp_path

    return make


def asked(server):
    return len(server.asked)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_passage_is_found_by_what_was_written_of_it(house, server, lang):
    root = house(lang)
    with surefoot.open(root) as space:
        report = space.sync()
        assert report.writing.left == 0
        assert report.writing.asked == asked(server) == 16
        assert report.expense.usage.calls == 16
        rows = space.resources.index().views("docs/3.md")
        assert {row.view for row in rows} == set(KINDS)
        best = space.search(ASKED[lang][0])[0]
        assert ("Dogs" if lang == "en" else "狗") in best.chunk.text
        assert "cosine_model-questions" in best.signals
        entities = {key for m in space.resources.index().mentions() for key in m.entities}
        assert ("alder→lena holm" if lang == "en" else "林海") in entities
        assert space.sync().writing.asked == 0
        assert space.resources.index().check() == []
    file = root / ".surefoot" / "replies.sqlite"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("point", ["writing.asked", "writing.kept", "replace.passages"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_killed_run_goes_on_without_asking_again(house, server, lang, point):
    root = house(lang, documents=2)
    env = {**os.environ, "SUREFOOT_CRASH_POINT": point}
    for _ in range(2):
        killed = subprocess.run([sys.executable, CHILD, root], env=env, capture_output=True)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
    calls = asked(server)
    assert calls == (16 if point == "replace.passages" else 2)
    lost = 2 if point == "writing.asked" else 0  # what had come when it died was not kept yet
    del env["SUREFOOT_CRASH_POINT"]
    done = subprocess.run([sys.executable, CHILD, root], env=env, capture_output=True, text=True)
    assert done.stdout.split() == [str(16 + lost - calls), "0"]
    assert asked(server) == 16 + lost
    with surefoot.open(root) as space:
        assert space.resources.index().check() == []
        assert not any(state.pending for state in space.status())


def test_a_budget_leaves_an_index_that_answers_and_goes_on(house, server, capsys):
    root = house()
    assert cli(["sync", "-w", str(root), "--budget", "0calls"]) == 5
    assert asked(server) == 0
    with surefoot.open(root) as space:
        assert space.search("harbour of Alder")
        version = space.resources.index().version()
        ahead = forecast_views(space, probe=False)
        assert ahead.calls == 16
    assert cli(["views", "write", "-w", str(root), "--budget", "7calls"]) == 5
    assert "9 not asked yet" in capsys.readouterr().out
    assert asked(server) == 7
    assert cli(["sync", "-w", str(root)]) == 0
    assert asked(server) == 16
    with surefoot.open(root) as space:
        assert space.resources.index().version() != version
    assert cli(["views", "forecast", "-w", str(root), "--json"]) == 0
    assert cli(["views", "forecast", "-w", str(root)]) == 0
    assert "nothing is left" in capsys.readouterr().out


def test_an_endpoint_that_is_down_costs_the_index_nothing(house, server, capsys):
    root = house()
    server.script = [whole({"error": "no such key"}, status=401)]
    assert cli(["sync", "-w", str(root), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["added"] == 2
    assert report["writing"]["left"] == 16
    assert "refused" in report["writing"]["stopped"]
    with surefoot.open(root) as space:
        assert space.search("harbour")
        assert space.sync().writing.left == 0


def test_a_refused_passage_is_named_and_asked_again_only_when_told(house, server):
    root = house(documents=1, kinds=KINDS[:1], graph=False)
    server.script = [whole({"error": "content filter"}, status=400)]
    with surefoot.open(root) as space:
        writing = space.sync().writing
        assert (writing.asked, writing.failed, writing.views, writing.left) == (2, 1, 1, 0)
        assert "docs/3.md, passage 0: no model-summary" in writing.notes[0]
        assert space.sync().writing.asked == 0
        again = write_views(space, Terms(), again=True)
        assert (again.asked, again.views, again.left) == (1, 2, 0)


def test_views_are_read_by_nobody_who_may_not_read_their_document(house):
    root = house(graph=False)
    (root / "docs" / "secret.md").write_text(TEXTS["en"].format(n=77), "utf-8")
    text = (root / "surefoot.toml").read_text("utf-8")
    private = 'users = ["ann"]'
    source = f'{{ kind = "files", paths = ["docs/secret.md"], name = "s", {private} }}'
    text = text.replace(
        'path = "docs" }]', f'path = "docs", include = ["3.md", "4.md"] }}, {source}]'
    )
    (root / "surefoot.toml").write_text(text, "utf-8")
    with surefoot.open(root) as space:
        report = space.sync()
        assert report.writing.left == 0
        question = ASKED["en"][1]
        stranger = space.search(question, asker=Asker("bob", trusted=False))
        friend = space.search(question, asker=Asker("ann", trusted=False))
        assert not any("77" in hit.chunk.text for hit in stranger)
        assert any("77" in hit.chunk.text for hit in friend)


def test_what_was_said_of_a_deleted_document_is_gone(house, server):
    root = house(documents=2, graph=False)
    file = root / ".surefoot" / "replies.sqlite"

    def texts():
        with sqlite3.connect(file) as connection:
            return connection.execute("SELECT count(*) FROM replies").fetchone()[0]

    with surefoot.open(root) as space:
        space.sync()
        both = texts()
        (root / "docs" / "3.md").unlink()
        space.sync()
        one = texts()
        assert 0 < one < both
        space.remove(["docs/4.md"])
        assert texts() == 0
        space.sync()
        assert texts() == one
        assert tidy(space.resources).deleted == 0


def test_another_prompt_builds_another_index_and_forgets_the_first(house, server):
    root = house(documents=1, kinds=KINDS[:1], graph=False)
    with surefoot.open(root) as space:
        space.sync()
        recipe = space.resources.recipe
    prompts = root / "prompts" / "view" / "summary"
    prompts.mkdir(parents=True)
    (prompts / "en.md").write_text(
        "=== user\nSay it short: {{title}} {{mark}} {{passage}} {{sentences}}\nSummary:", "utf-8"
    )
    with surefoot.open(root) as space:
        assert space.sync().writing.asked == 2
        assert space.resources.recipe != recipe
        assert tidy(space.resources).kept == 2


def test_a_budget_in_python_is_the_same(house, server):
    root = house()
    said = []
    with surefoot.open(root) as space:
        terms = Terms(Budget(calls=14), lambda found: said.extend(found.lines()))
        report = space.sync(terms=terms)
        assert report.writing.capped
        assert report.writing.left == 2
    assert any("calls about" in line for line in said)


REAL = {
    "en": "# Alder\n\nThe harbour of Alder was built in 1887 by the engineer Lena Holm. It has three cranes. "
    "The ferry to Wen island leaves every forty minutes. A ticket for the ferry costs 12 crowns.\n",
    "zh": "# 桦林镇\n\n桦林港由工程师林海于1887年建成。港口有三台起重机。前往文岛的渡轮每四十分钟一班。"
    "船票的价格是十二元。\n",
}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_real_model_writes_something_of_use(tmp_path, lang):
    model = load_catalog().default("chat")
    if lang == "zh":
        model = os.environ.get("SUREFOOT_TEST_CHAT_ZH", "")
        if not model:
            pytest.skip("SUREFOOT_TEST_CHAT_ZH names no chat model that speaks Chinese")
    try:
        open_chat(model, ModelEnv(load_settings().settings.models, threads=1)).close()
    except (MissingError, TransientError) as problem:
        pytest.skip(f"the chat model cannot be had: {problem}")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text(REAL[lang], "utf-8")
    views = ", ".join(f'{{ kind = "{kind}", model = "{model}" }}' for kind in KINDS[:2])
    named = f'graph = {{ model = "{model}" }}'
    text = SOLUTION.format(views=views, url="http://127.0.0.1:1/v1", graph=named)
    text = text.replace(", model-context = 0.1", "").replace("max_tokens = 32", "max_tokens = 200")
    (tmp_path / "surefoot.toml").write_text(text, "utf-8")
    with surefoot.open(tmp_path) as space:
        report = space.sync()
        assert (report.writing.asked, report.writing.left) == (3, 0)
        rows = space.resources.index().views("docs/a.md")
        assert rows, report.writing.notes
        assert {detect(row.indexed_text) for row in rows} == {lang}
