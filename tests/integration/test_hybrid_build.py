"""A hybrid of a tuned half that knows a form and one that searches, over a real index; both speak through endpoints."""

from __future__ import annotations

import json
import re

import pytest

from surefoot.cli.main import run
from surefoot.core.errors import MissingError
from surefoot.core.roles import Reply
from surefoot.core.types import EvalCase, Usage
from surefoot.evaluate.evalsets import make_evalset, write_evalset
from surefoot.optimize.compare.files import CompareFiles, Requested
from surefoot.optimize.compare.joining import join
from surefoot.optimize.compare.result import ArmResult, Comparison, HeldEqual
from surefoot.optimize.hybrid.building import HybridSettings, build_hybrid
from surefoot.optimize.hybrid.compared import asker
from surefoot.optimize.hybrid.compared import halves_of as halves_of_comparison
from surefoot.optimize.hybrid.halves import Half, Halves
from surefoot.optimize.hybrid.saying import hybrid_said
from surefoot.run.workspace import open_workspace
from surefoot.testing.chat_server import ChatServer
from surefoot.testing.fakes import FakeChat

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

KINDS = 24
FORM = {
    "en": ("Write the ticket line for broken printer {}", "ticket printer {}"),
    "zh": ("请写出第{}号打印机故障的工单", "工单 打印机 {}"),
}
FACT = {
    "en": ("In which year was harbour {} of the island built?", "Harbour {0} was built in 19{0}."),
    "zh": ("岛上第{}座港口是哪一年建成的？", "第{0}座港口建成于19{0}年。"),
}


class Tuned(FakeChat):
    """Writes tickets, whatever it is asked."""

    def chat(self, messages, sampling, on_text=None):
        text = messages[-1].content
        number = re.findall(r"\d+", text)[-1]
        form = FORM["zh" if "打印机" in text or "港口" in text else "en"][1]
        return said(form.format(number), 20, on_text)


class Reader(FakeChat):
    """Repeats the sentence of the passages that holds the number asked for; writes no tickets."""

    def chat(self, messages, sampling, on_text=None):
        text = messages[-1].content
        asked = re.findall(r"(?:harbour |第)(\d+)(?= of|座港口是哪)", text)
        for number in reversed(asked):
            for sentence in re.findall(
                r"Harbour \d+ was built in \d+\.|第\d+座港口建成于\d+年。", text
            ):
                if re.search(rf"(Harbour |第){number}\D", sentence):
                    return said(f"{sentence} [1]", 200, on_text)
        return said("?", 200, on_text)


def said(text, prompt_tokens, on_text):
    if on_text is not None:
        on_text(text)
    return Reply(text, Usage(prompt_tokens, 5, calls=1), "stop")


@pytest.fixture
def servers():
    with ChatServer(Tuned([""])) as tuned, ChatServer(Reader([""])) as reader:
        yield tuned, reader


def halves(servers):
    tuned, reader = servers
    ends = {
        "tuned": {"base_url": tuned.url, "model": "t"},
        "base": {"base_url": reader.url, "model": "b"},
    }
    answer = {"kind": "answer", "reply": "plain", "refuse": {"threshold": 0}, "max_tokens": 40}
    corpus = {
        "sources": [{"kind": "folder", "path": "docs"}],
        "embed": {"kind": "hash", "dimensions": 256},
    }
    return (
        {
            "schema": 1,
            "endpoints": {"tuned": ends["tuned"]},
            "stages": [{**answer, "model": "http:tuned"}],
        },
        {
            "schema": 1,
            "corpus": corpus,
            "endpoints": {"base": ends["base"]},
            "stages": [{"kind": "search", "keep": 3}, {**answer, "model": "http:base"}],
        },
    )


def cases(lang):
    for i in range(10, 10 + KINDS * 2):
        form, ticket = FORM[lang]
        yield EvalCase(f"form{i}", form.format(i), lang, answers=(ticket.format(i),))
        fact, _ = FACT[lang]
        year = f"19{i}"
        yield EvalCase(f"fact{i}", fact.format(i), lang, {f"docs/{i}.md": 1}, answers=(year,))


@pytest.fixture(params=["en", "zh"])
def lang(request):
    return request.param


@pytest.fixture
def folder(tmp_path, servers, lang):
    import tomlkit

    (tmp_path / "docs").mkdir()
    for i in range(10, 10 + KINDS * 2):
        (tmp_path / "docs" / f"{i}.md").write_text(FACT[lang][1].format(i), encoding="utf-8")
    tuned, retrieving = halves(servers)
    (tmp_path / "surefoot.toml").write_text(tomlkit.dumps(retrieving), encoding="utf-8")
    (tmp_path / "solutions").mkdir()
    for name, plain in (("tuned", tuned), ("found", retrieving)):
        file = tmp_path / "solutions" / f"{name}.toml"
        file.write_text(tomlkit.dumps(plain), encoding="utf-8")
    (tmp_path / "evalsets").mkdir()
    write_evalset(make_evalset("both", list(cases(lang))), tmp_path / "evalsets" / "both.jsonl")
    assert run(["add", str(tmp_path / "docs"), "-q", "-w", str(tmp_path), "--offline"]) == 0
    return tmp_path


def build(folder, *more):
    parts = ["--tuned", "tuned", "--retrieving", "found", "--evalset", "both"]
    return ["hybrid", "build", *parts, "-w", str(folder), "--offline", *more]


def test_a_hybrid_that_pays_is_proven_kept_and_answers(folder, lang, capsys, servers):
    capsys.readouterr()
    assert run(build(folder, "--json", "--lang", lang)) == 0
    told = json.loads(capsys.readouterr().out)
    found = told["hybrid"]
    assert found["outcome"] == "better", "\n".join(told["said"])
    assert all(one["quality"]["kind"] == "better" for one in found["beside"])
    assert found["score"] > 0.9
    assert ("better than both halves" if lang == "en" else "优于两个单独方案") in told["said"][0]
    assert (folder / "solutions" / "hybrid.toml").is_file()
    with open_workspace(folder, solution="hybrid", settings={"offline": True}) as space:
        asked = [len(server.asked) for server in servers]
        ticket = space.run(space.query(FORM[lang][0].format(77))).turn
        assert ticket.answer.text == FORM[lang][1].format(77)
        assert ticket.hits == ()
        fact = space.run(space.query(FACT[lang][0].format(33))).turn
        assert "1933" in fact.answer.text
        assert [len(server.asked) for server in servers] == [one + 1 for one in asked]
        assert ticket.notes[0].message.startswith("typical")
        hits = space.search(FORM[lang][0].format(77))
        assert hits  # a search alone needs no tuned half
    capsys.readouterr()
    assert run(build(folder)) == 2  # a solution of this name is there
    assert "--yes overwrites it" in capsys.readouterr().err


def test_where_one_half_is_best_everywhere_no_hybrid_is_made(folder, lang):
    with open_workspace(folder, settings={"offline": True}) as space:
        tuned, retrieving = halves_of(folder)
        evalset = make_evalset("facts", [one for one in cases(lang) if "fact" in one.id])
        pair = Halves(Half("tuned", tuned), Half("found", retrieving))
        found = build_hybrid(space, pair, evalset, asker(space), HybridSettings())
    assert (found.kept, found.outcome, found.unseen_n) == (False, "no division", 0)
    first = hybrid_said(found, pair, lang)[0]
    assert ("No hybrid" if lang == "en" else "没有混合方案") in first


def halves_of(folder):
    import tomllib

    return [
        tomllib.loads((folder / "solutions" / f"{name}.toml").read_text(encoding="utf-8"))
        for name in ("tuned", "found")
    ]


@pytest.mark.parametrize("lang", ["en"])
def test_the_halves_of_a_comparison_bring_their_answers_along(folder, lang, capsys, servers):
    compared(folder, lang)
    asked = len(servers[0].asked) + len(servers[1].asked)
    capsys.readouterr()
    where = ["-w", str(folder), "--offline"]
    assert run(["hybrid", "build", "--compare", "last", "--name", "joined", *where]) == 0
    assert "is better than both halves" in capsys.readouterr().out
    more = len(servers[0].asked) + len(servers[1].asked) - asked
    assert KINDS * 2 <= more <= KINDS * 2 + 2  # the unseen ones, and what warms the models up
    assert (folder / "solutions" / "joined.toml").is_file()


def test_a_comparison_without_both_halves_has_no_hybrid(folder, lang):
    with open_workspace(folder, settings={"offline": True}) as space:
        plain = halves_of(folder)[0]
        found = asker(space)(plain, make_evalset("one", list(cases(lang))[:2]))
        arm = ArmResult("lora", 1, "d1", "a/solution.toml", plain, found)
        held = HeldEqual("m", "b", "b0", "t0", "http", "f16", 40, 0.0, "", "e0")
        lone = Comparison("c1", "one", 2, "right_or_refusal", held, (arm,))
    with pytest.raises(MissingError, match="a tuned arm and one that searches"):
        halves_of_comparison(lone)


def compared(folder, lang):
    """What a comparison of both halves would have left."""
    evalset = make_evalset("both", list(cases(lang)))
    metric = "right_or_refusal"
    held = HeldEqual("m", "b", "b0", "t0", "http", "f16", 40, 0.0, "", evalset.digest)
    with open_workspace(folder, settings={"offline": True}) as space:
        arms = tuple(
            ArmResult(
                method,
                seed,
                method,
                f"arms/{method}/solution.toml",
                plain,
                asker(space)(plain, evalset),
            )
            for method, seed, plain in zip(("lora", "rag"), (1, 0), halves_of(folder), strict=True)
        )
        found = Comparison("c1", "both", len(evalset.cases), metric, held, arms, join(arms, metric))
        files = CompareFiles(space.root / ".surefoot", "c1")
        wanted = ("lora", "rag")
        files.begin(
            Requested("c1", "both", evalset.digest, wanted, (1,), "m", metric, held, {}),
            evalset,
            None,
        )
        files.end(found)
