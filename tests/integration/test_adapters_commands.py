"""`surefoot adapters`: what is listed and shown, what is removed, and what asks first."""

import json

import pytest

from surefoot.cli.main import run
from surefoot.run.adapters import adapters_root
from surefoot.tune.artefact import Parity, Trained, write_card

pytestmark = pytest.mark.slow
CHECK = {"form": "gguf", "engine": "openvino", "prompts": 50, "same": 0.9, "tolerance": 0.9}


@pytest.fixture
def root(tmp_path):
    (tmp_path / "surefoot.toml").write_text(
        '[[stages]]\nkind = "answer"\nadapter = "house"\n', encoding="utf-8"
    )
    for name, good in (("house", True), ("desk", False)):
        folder = adapters_root(tmp_path) / name
        folder.mkdir(parents=True)
        if good:
            (folder / "model.gguf").write_bytes(b"x" * 2**20)
        check = Parity(**CHECK, agreement=0.95 if good else 0.4, good=good)
        card = Trained(
            name=name, kind="weights", method="full", base="base", base_digest="d", parity=(check,)
        )
        write_card(folder, card)
    return tmp_path


@pytest.fixture
def say(root, capsys):
    def ask(*words):
        capsys.readouterr()
        code = run(["adapters", *words, "-w", str(root)])
        heard = capsys.readouterr()
        return code, heard.out, heard.err

    return ask


def test_the_list_has_sizes_and_parity(say):
    code, out, _ = say("list")
    assert code == 0
    assert [line.split("\t") for line in out.splitlines()[1:]] == [
        ["desk", "weights", "full", "base", "", "gguf NOT good (0.40)"],
        ["house", "weights", "full", "base", "gguf 1.0", "gguf good (0.95)"],
    ]
    told = json.loads(say("list", "--json")[1])
    assert [(one["name"], one["bytes"]) for one in told] == [
        ("desk", {}),
        ("house", {"gguf": 2**20}),
    ]


def test_one_is_shown_with_its_forms_and_who_names_it(say):
    out = say("show", "house")[1]
    assert "base: base" in out
    assert "named by: surefoot.toml" in out
    assert "engine: none: is not a GGUF file" in out
    assert out.splitlines()[-1].split("\t") == [
        "gguf",
        "1.0",
        "openvino",
        "50",
        "0.950",
        "0.90",
        "yes",
    ]
    bad = say("show", "desk")[1]
    assert "named by: no solution" in bad
    assert bad.splitlines()[-1].endswith("no, under 0.9")
    assert json.loads(say("show", "house", "--json")[1])["named_by"] == ["surefoot.toml"]
    code, _, err = say("show", "none")
    assert code != 0
    assert "known: desk, house" in err


def test_removing_asks_and_minds_who_uses_it(say, root):
    code, _, err = say("remove", "desk", "--no-input")
    assert code == 2
    assert "--yes" in err
    assert say("remove", "desk", "--yes")[0] == 0
    code, _, err = say("remove", "house", "--yes")
    assert code == 2
    assert "answers in surefoot.toml" in err
    code, out, _ = say("remove", "house", "--yes", "--force", "--json")
    assert (code, json.loads(out)) == (0, {"removed": "house", "bytes": 2**20})
    assert list(adapters_root(root).iterdir()) == []


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["merge", "house", "desk", "--into", "house"], "there is a house already"),
        (["merge", "house", "house", "--into", "new"], "named twice"),
        (["merge", "house", "desk", "--into", "new", "--weights", "1"], "is not 2 numbers"),
        (["export", "house", "--form", "onnx"], "there is no form"),
        (["export", "house"], "no prompts to replay"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_loaded(say, words, problem):
    code, _, err = say(*words)
    assert code == 2
    assert problem in err
