"""Every body of a job becomes words that the command line takes, with each of its options."""

from __future__ import annotations

import time

import pytest
import typer
from pydantic import TypeAdapter, ValidationError

from surefoot.cli.app import app
from surefoot.cli.main import run
from surefoot.core.errors import ConfigError, MissingError, MissingExtra
from surefoot.run.adapters import adapters_root
from surefoot.run.uploads import keep_upload
from surefoot.serve.own.jobs import ordering
from surefoot.serve.own.jobs.kinds import AnyJob
from surefoot.serve.own.jobs.ordering import FORESEEN, words_of
from surefoot.serve.own.jobs.shapes import said
from surefoot.serve.tenants import Tenant
from surefoot.serve.who import Principal
from surefoot.store.uploads import Upload
from surefoot.tune.artefact import Trained, write_card

BODY: TypeAdapter[AnyJob] = TypeAdapter(AnyJob)
SPACE = """schema = 1
[choices]
stages.search.keep = [3, 5]
"""
BODIES = [
    {"kind": "sync"},
    {"kind": "sync", "solution": "快", "limits": {"minutes": 1.5, "calls": 20, "dollars": 0.25}},
    {"kind": "index-build", "solution": "快"},
    {"kind": "evaluate", "evalset": "常问"},
    {
        "kind": "evaluate",
        "evalset": "常问",
        "solution": "快",
        "sample": 5,
        "seed": 3,
        "by": ["lang", "type"],
        "similarity": True,
        "judge": "http:judge",
        "against": "abc123",
        "limits": {"minutes": 2},
    },
    {"kind": "optimize", "evalset": "常问"},
    {
        "kind": "optimize",
        "evalset": "常问",
        "trials": 40,
        "objectives": ["latency", "quality"],
        "metric": "ndcg@10",
        "workers": 2,
        "space": SPACE,
    },
    {"kind": "compare", "evalset": "常问"},
    {
        "kind": "compare",
        "evalset": "常问",
        "training_file": "file-1",
        "methods": ["rag", "lora+rag"],
        "seeds": [1, 2],
        "suites": False,
        "train_tokens": 1000,
        "limits": {"minutes": 45},
    },
    {"kind": "tune", "name": "我家", "training_file": "file-1"},
    {
        "kind": "tune",
        "name": "我家",
        "training_file": "file-1",
        "epochs": 0.5,
        "learning_rate": 0.0001,
        "batch": 4,
        "max_tokens": 512,
        "method": "dora",
        "rank": 8,
        "alpha": 16,
        "dropout": 0,
        "dev": 0,
    },
    {"kind": "tune", "name": "whole", "training_file": "file-1", "tuner": "full", "rank": 8},
    {"kind": "tune", "name": "我家", "training_file": "file-1", "export": True},
    {"kind": "adapter-export", "name": "旧"},
    {
        "kind": "adapter-export",
        "name": "旧",
        "forms": ["gguf", "gguf-adapter"],
        "number_type": "q8_0",
        "training_file": "file-1",
        "prompts": 5,
        "tolerance": 0.5,
        "keep": True,
    },
    {
        "kind": "adapter-merge",
        "into": "both",
        "parts": [{"name": "旧", "weight": -0.5}, {"name": "other"}],
        "how": "cat",
    },
    {"kind": "evalset-create"},
    {
        "kind": "evalset-create",
        "name": "新集",
        "methods": ["heading", "cloze"],
        "languages": ["zh", "en"],
        "hidden": False,
        "model": "http:writer",
        "calls": 10,
        "replace": True,
    },
]


@pytest.fixture(scope="module")
def who(tmp_path_factory):
    root = tmp_path_factory.mktemp("words")
    solution = 'schema = 1\nname = "house"\n[[stages]]\nkind = "search"\n'
    (root / "surefoot.toml").write_text(solution, encoding="utf-8")
    for folder in ("solutions", "evalsets"):
        (root / folder).mkdir()
    (root / "solutions" / "快.toml").write_text(solution, encoding="utf-8")
    (root / "evalsets" / "常问.jsonl").write_text("{}\n", encoding="utf-8")
    for name in ("旧", "other"):
        folder = adapters_root(root) / name
        folder.mkdir(parents=True)
        write_card(
            folder, Trained(name=name, kind="adapter", method="lora", base="b", base_digest="d")
        )
    tenant = Tenant(root)
    keep_upload(tenant.default, b"{}\n", Upload("file-1", "行.JSONL", "", 0, time.time_ns()))
    yield Principal(tenant)
    tenant.close()


def parsed(words: list[str]) -> dict[str, object]:
    """What the command line makes of the words; it refuses those that it does not know."""
    run(["--version"])
    command, rest = typer.main.get_command(app), list(words)
    while hasattr(command, "commands"):
        command = command.commands[rest.pop(0)]
    return command.make_context("surefoot", rest).params


@pytest.mark.parametrize("body", BODIES, ids=lambda body: f"{body['kind']}-{len(body)}")
def test_the_command_line_takes_every_option(who, body, tmp_path_factory, monkeypatch, capsys):
    monkeypatch.setattr(ordering, "require_torch", lambda why: None)
    folder = who.tenant.jobs.new_folder()
    asked = BODY.validate_python(body)
    words = [*words_of(asked, who, folder), *FORESEEN.get(asked.kind, ())]
    given = parsed([*words, "--json", "--no-input"])
    assert given["json"] is True
    for name in ("evalset", "sample", "seed", "workers", "rank", "dropout"):
        if name in body and name in given:
            assert given[name] == body[name]
    assert said(words).startswith("surefoot ")


def test_rows_and_spaces_lie_in_the_folder_of_the_job(who, monkeypatch):
    monkeypatch.setattr(ordering, "require_torch", lambda why: None)
    folder = who.tenant.jobs.new_folder()
    words = words_of(BODY.validate_python(BODIES[9]), who, folder)
    assert words[words.index("--rows") + 1] == f".surefoot/work/{folder.name}/rows.jsonl"
    assert (folder / "rows.jsonl").read_bytes() == b"{}\n"
    words = words_of(BODY.validate_python(BODIES[6]), who, folder)
    assert (who.tenant.root / words[words.index("--space") + 1]).read_text() == SPACE


def test_what_is_not_there_is_said(who, monkeypatch):
    folder = who.tenant.jobs.new_folder()
    wrong = [
        {"kind": "sync", "solution": "慢"},
        {"kind": "evaluate", "evalset": "没有"},
        {"kind": "evaluate", "evalset": "常问", "judge": "weights.gguf"},
        {"kind": "tune", "name": "a", "training_file": "file-2"},
    ]
    for body in wrong:
        with pytest.raises(MissingError):
            words_of(BODY.validate_python(body), who, folder)

    for base in ("../other", "/etc/passwd", "a.toml"):
        space = f'schema = 1\nbase = "{base}"\n'
        body = {"kind": "optimize", "evalset": "常问", "space": space}
        with pytest.raises(ConfigError, match="base"):
            words_of(BODY.validate_python(body), who, folder)

    def missing(why: str) -> None:
        raise MissingExtra("torch", extra="tune", why=why)

    monkeypatch.setattr(ordering, "require_torch", missing)
    with pytest.raises(MissingExtra, match="tune"):
        words_of(BODY.validate_python(BODIES[9]), who, folder)


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "evaluate", "evalset": "-x"},
        {"kind": "evaluate", "evalset": "a/b"},
        {"kind": "evaluate", "evalset": "a\nb"},
        {"kind": "evaluate", "evalset": "常问", "against": "--json"},
        {"kind": "optimize", "evalset": "常问", "metric": "-h"},
        {"kind": "tune", "name": "../x", "training_file": "file-1"},
        {"kind": "tune", "name": "x", "training_file": "/etc/passwd"},
        {"kind": "sync", "words": ["--debug"]},
    ],
)
def test_no_path_and_no_option_gets_through(body):
    with pytest.raises(ValidationError):
        BODY.validate_python(body)
