"""Trained models of a workspace: which file of them answers, for which model, and who uses them."""

import pytest

from surefoot.config.registry import Registry
from surefoot.config.solution import named_content, parse_solution, solution_digest
from surefoot.core.errors import ConfigError, DataError, MissingError
from surefoot.models.base import ModelEnv
from surefoot.models.weights import model_digest
from surefoot.run import adapters
from surefoot.run.adapters import (
    adapters_beside,
    adapters_root,
    find_adapter,
    list_adapters,
    new_adapter,
    remove_adapter,
    rows_of,
    served,
    served_digest,
    served_with,
    storage,
    users_of,
)
from surefoot.run.workspace import open_workspace
from surefoot.tune.artefact import Parity, Trained, write_card

FORMS = {"gguf-adapter": "adapter.gguf", "gguf": "model.gguf"}


@pytest.fixture
def env(tmp_path):
    return ModelEnv(tmp_path / "cache", offline=True)


@pytest.fixture
def base(tmp_path):
    file = tmp_path / "base.gguf"
    file.write_bytes(b"base")
    return str(file)


@pytest.fixture
def root(tmp_path):
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "surefoot.toml").write_text(
        'schema = 1\n[[stages]]\nkind = "answer"\nadapter = "house"\n', encoding="utf-8"
    )
    return tmp_path / "work"


@pytest.fixture
def make(root, base, env):
    def artefact(name, *forms, kind="adapter", good=True, parity=True, **more):
        folder = adapters_root(root) / name
        folder.mkdir(parents=True)
        for form in forms:
            (folder / FORMS[form]).write_bytes(f"{name} {form}".encode())
        told = {
            "form": None,
            "engine": "e",
            "prompts": 9,
            "agreement": 0.5,
            "same": 0.5,
            "tolerance": 0.5,
        }
        checks = tuple(Parity(**{**told, "form": form, "good": good}) for form in forms if parity)
        values = {"method": "lora", "base": base, "base_digest": model_digest(base, env), **more}
        return write_card(folder, Trained(name=name, kind=kind, parity=checks, **values))

    return artefact


def test_trained_models_are_found_by_name(root, make):
    make("legal", "gguf")
    make("house", "gguf-adapter", "gguf")
    assert [card.name for card in list_adapters(root)] == ["house", "legal"]
    assert find_adapter(root, "house") == root / ".surefoot" / "adapters" / "house"
    assert storage(find_adapter(root, "house")) == {"gguf-adapter": 18, "gguf": 10}


@pytest.mark.parametrize("name", ["none", "..", "../house", "a/b", ""])
def test_what_is_no_name_of_one_is_not_found(root, make, name):
    make("house", "gguf")
    with pytest.raises(MissingError, match="no trained model") as caught:
        find_adapter(root, name)
    assert caught.value.hint == "known: house"


@pytest.mark.parametrize(
    ("forms", "kind", "form"),
    [
        (["gguf-adapter", "gguf"], "adapter", "gguf-adapter"),
        (["gguf"], "adapter", "gguf"),
        (["gguf"], "weights", "gguf"),
    ],
)
def test_the_adapter_answers_before_merged_weights(root, make, forms, kind, form):
    make("house", *forms, kind=kind)
    found = served(root, "house")
    assert (found.form, found.file.name) == (form, FORMS[form])


def test_an_export_answers_only_when_it_was_compared_and_is_good(root, make):
    make("rash", "gguf", parity=False)
    with pytest.raises(DataError, match="was not compared"):
        served(root, "rash")
    make("bad", "gguf-adapter", good=False)
    with pytest.raises(DataError, match="does not answer as the trained model") as caught:
        served(root, "bad")
    assert caught.value.hint == "surefoot adapters export bad --form gguf-adapter"


def test_without_an_export_or_as_an_encoder_nothing_answers(root, make):
    make("raw")
    with pytest.raises(MissingError, match="no form that an engine reads"):
        served(root, "raw")
    make("encoder", kind="encoder")
    with pytest.raises(ConfigError, match="does not chat"):
        served(root, "encoder")


def test_an_adapter_answers_with_its_base_only(root, make, base, env, tmp_path):
    make("house", "gguf-adapter")
    same = tmp_path / "copy.gguf"
    same.write_bytes(b"base")
    assert served_with(root, "house", str(same), env).name == "house"
    other = tmp_path / "other.gguf"
    other.write_bytes(b"other")
    with pytest.raises(ConfigError, match="other weights") as caught:
        served_with(root, "house", str(other), env)
    assert caught.value.hint == f'set model = "{base}"'


def test_a_file_that_was_changed_afterwards_does_not_answer(root, make, base, env):
    make("house", "gguf-adapter")
    (find_adapter(root, "house") / "adapter.gguf").write_bytes(b"other")
    with pytest.raises(DataError, match="not the file that was compared"):
        served_with(root, "house", base, env)


def test_an_engine_begins_with_the_adapters_of_its_base(root, make, base, env, monkeypatch):
    make("house", "gguf-adapter")
    make("legal", "gguf-adapter")
    make("whole", "gguf")
    make("bad", "gguf-adapter", good=False)
    make("foreign", "gguf-adapter", base_digest="another")

    def beside(*first):
        return [file.parent.name for file in adapters_beside(root, first, base, env).values()]

    assert beside() == ["house", "legal"]
    assert list(adapters_beside(root, (), base, env)) == [
        served(root, name).digest for name in ("house", "legal")
    ]
    monkeypatch.setattr(adapters, "BESIDE_BYTES", 20)  # each file takes 18
    assert beside() == ["house"]
    assert beside("legal") == ["legal"]
    assert beside("legal", "house") == ["house", "legal"]


def test_a_solution_is_named_by_what_the_adapter_holds(root, make, env, monkeypatch):
    raw = {"stages": [{"kind": "answer", "model": "http:x", "adapter": "house"}]}
    solution = parse_solution(raw, Registry())
    assert ("adapter", "house") in set(named_content(solution.stages[0]))

    def resolve(what, name):
        return served_digest(root, name, env) if what == "adapter" else name

    make("house", "gguf-adapter")
    first = solution_digest(solution, resolve)
    assert solution_digest(solution, resolve) == first
    (find_adapter(root, "house") / "adapter.gguf").write_bytes(b"trained anew")
    assert solution_digest(solution, resolve) != first
    raw["stages"][0]["adapter"] = ""
    assert "adapter" not in dict(named_content(parse_solution(raw, Registry()).stages[0]))


def test_the_solutions_that_use_one_are_told(root, make):
    make("house", "gguf")
    make("legal", "gguf")
    (root / "solutions").mkdir()
    for name, text in (
        ("nested", '[[stages]]\nkind = "route"\nways = [{ stages = [{ adapter = "legal" }] }]\n'),
        ("path", '[corpus]\nembed = { model = ".surefoot/adapters/legal/weights" }\n'),
        ("word", '[[stages]]\nkind = "answer"\nprompt = "legal"\n'),
    ):
        (root / "solutions" / f"{name}.toml").write_text(text, encoding="utf-8")
    assert users_of(root, "house") == ["surefoot.toml"]
    assert users_of(root, "legal") == ["solutions/nested.toml", "solutions/path.toml"]


def test_one_in_use_is_removed_by_force_only(root, make):
    make("house", "gguf")
    make("spare", "gguf")
    assert remove_adapter(root, "spare") == len(b"spare gguf")
    with pytest.raises(ConfigError, match=r"answers in surefoot\.toml"):
        remove_adapter(root, "house")
    remove_adapter(root, "house", forced=True)
    assert list_adapters(root) == []
    assert list(adapters_root(root).iterdir()) == []


def test_the_name_of_a_new_one_is_free(root, make):
    make("house", "gguf")
    assert new_adapter(root, "both").name == "both"
    with pytest.raises(ConfigError, match="there is a house already"):
        new_adapter(root, "house")
    for name in ("..", "a/b", ""):
        with pytest.raises(ConfigError, match="is no name"):
            new_adapter(root, name)


def test_rows_of_a_merged_adapter_are_those_of_its_parts(root, make, tmp_path):
    rows = tmp_path / "rows.jsonl"
    rows.touch()
    make("house", "gguf", rows=str(rows))
    make("gone", "gguf", rows=str(tmp_path / "gone.jsonl"))
    make("both", "gguf", merged_from={"house": 0.5, "gone": 0.3, "removed": 0.2})
    assert rows_of(root, "both") == [rows]


def test_a_workspace_says_what_is_wrong_before_it_opens_a_model(root, make, base):
    make("house", "gguf-adapter", good=False)
    with (
        open_workspace(root, overrides={"stages.0.model": base}) as space,
        pytest.raises(DataError, match="does not answer as the trained model"),
    ):
        space.resources.chat(base, "house")
