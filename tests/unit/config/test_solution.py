from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import pytest
from pydantic import Field, PositiveInt

from surefoot.config.base import AnyPart, ModelName, Part, PartSettings, PromptName
from surefoot.config.registry import Registry
from surefoot.config.solution import (
    Corpus,
    Solution,
    named_content,
    parse_solution,
    read_solution,
    recipe_digest,
    solution_digest,
    solution_json,
)
from surefoot.core.errors import ConfigError, MissingError


class Find(PartSettings):
    kind: Literal["find"] = "find"
    keep: PositiveInt = 10
    share: float = Field(default=0.5, ge=0, le=1)
    model: ModelName = "m"


class Route(PartSettings):
    kind: Literal["route"] = "route"
    prompt: PromptName = "route/default"
    ways: Annotated[tuple[AnyPart, ...], Part("stage")] = ()


class Plain(PartSettings):
    kind: Literal["structure"] = "structure"
    size: PositiveInt = 100


class Local(PartSettings):
    kind: Literal["local"] = "local"
    model: ModelName = "encoder"


class Folder(PartSettings):
    kind: Literal["folder"] = "folder"
    path: str


class Known(Registry):
    """A registry of the parts above."""

    classes: ClassVar = {
        ("stage", "find"): Find,
        ("stage", "route"): Route,
        ("chunker", "structure"): Plain,
        ("embedder", "local"): Local,
        ("source", "folder"): Folder,
    }

    def settings_class(self, role, kind):
        try:
            return self.classes[role, kind]
        except KeyError:
            raise ConfigError(f"unknown {role} kind {kind!r}", hint="known: find, route") from None


def corpus(**changes):
    return {"chunk": {"kind": "structure"}, "embed": {"kind": "local"}, **changes}


def solution(**changes):
    return {"stages": [{"kind": "find"}], "corpus": corpus(), **changes}


def parse(raw):
    return parse_solution(raw, Known(), where="surefoot.toml")


WRONG = {
    "stages.1.keep must be more than 0 | try keep = 1": solution(
        stages=[{"kind": "find"}, {"kind": "find", "keep": 0}]
    ),
    "stages.0.share must be at most 1": solution(stages=[{"kind": "find", "share": 2}]),
    "stages.0.kepe is not a setting | did you mean keep?": solution(
        stages=[{"kind": "find", "kepe": 3}]
    ),
    "stages.0.kind: unknown stage kind 'fnd' | known: find": solution(stages=[{"kind": "fnd"}]),
    "stages.0.kind is missing": solution(stages=[{"keep": 3}]),
    "stages: ": solution(stages=[]),
    "stages.0 must be a table": solution(stages=["find"]),
    "corpus.sources.0.path is missing": solution(corpus=corpus(sources=[{"kind": "folder"}])),
    "corpus.limits.max_file_mb must be more than 0": solution(
        corpus=corpus(limits={"max_file_mb": 0})
    ),
    "stages.0.ways.0.keep must be more than 0": solution(
        stages=[{"kind": "route", "ways": [{"kind": "find", "keep": -1}]}]
    ),
    "colour is not a setting": solution(colour="red"),
    "schema: ": solution(schema=2),
}


@pytest.mark.parametrize("said", WRONG)
def test_an_error_names_file_path_and_remedy(said):
    with pytest.raises(ConfigError) as problem:
        parse(WRONG[said])
    assert str(problem.value).startswith(f"surefoot.toml: {said}")


def test_a_solution_survives_json():
    first = parse(solution(stages=[{"kind": "route", "ways": [{"kind": "find", "keep": 3}]}]))
    assert parse(solution_json(first)) == first
    assert first.stages[0].ways[0].keep == 3


def test_nested_parts_name_their_models_and_prompts():
    parsed = parse(solution(stages=[{"kind": "route", "ways": [{"kind": "find", "model": "x"}]}]))
    assert set(named_content(parsed.stages[0])) == {("prompt", "route/default"), ("model", "x")}


def digests(raw, weights="w1"):
    parsed = parse(raw)
    resolve = lambda what, name: f"{what}:{name}:{weights}"  # noqa: E731
    return recipe_digest(parsed.corpus, resolve), solution_digest(parsed, resolve)


def test_digests_change_with_what_can_change_an_answer_only():
    recipe, whole = digests(solution())
    moved = solution(
        name="other",
        corpus=corpus(sources=[{"kind": "folder", "path": "docs"}], limits={"seconds": 9}),
    )
    assert digests(moved) == (recipe, whole)
    assert digests(solution(corpus=corpus(chunk={"kind": "structure", "size": 7})))[0] != recipe
    other_stage = digests(solution(stages=[{"kind": "find", "keep": 3}]))
    assert other_stage[0] == recipe
    assert other_stage[1] != whole
    assert digests(solution(corpus=corpus(isolation="shared"))) == (recipe, whole)
    strict = digests(solution(corpus=corpus(isolation="strict")))
    assert strict[0] == recipe  # the index is the same
    assert strict[1] != whole
    other_weights = digests(solution(), weights="w2")
    assert other_weights[0] != recipe
    assert other_weights[1] != whole


def test_overrides_reach_any_place(tmp_path):
    file = tmp_path / "surefoot.toml"
    file.write_text('[corpus]\n[[stages]]\nkind = "find"\n', encoding="utf-8")
    overrides = {"stages.0.keep": 3, "corpus.limits.seconds": 5}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("surefoot.config.solution.Registry", Known)
        read = read_solution(file, Known(), overrides)
    assert read.stages[0].keep == 3
    assert read.corpus.limits.seconds == 5


def test_an_override_of_no_place_is_an_error(tmp_path):
    file = tmp_path / "surefoot.toml"
    file.write_text('[[stages]]\nkind = "find"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"no such place 'stages.4.keep'"):
        read_solution(file, Known(), {"stages.4.keep": 1})


def test_a_missing_or_broken_file_is_told(tmp_path):
    with pytest.raises(MissingError, match="surefoot init"):
        read_solution(tmp_path / "none.toml", Known())
    (tmp_path / "bad.toml").write_text("stages = [", encoding="utf-8")
    with pytest.raises(ConfigError, match="not valid TOML"):
        read_solution(tmp_path / "bad.toml", Known())


def test_settings_are_frozen_values():
    assert Solution.model_config["frozen"]
    assert Corpus.model_config["extra"] == "forbid"


ENDPOINT = {"base_url": "http://localhost:8000/v1", "model": "big", "key": "env:BIG_KEY"}


def asking(name, **changes):
    return parse(
        solution(
            stages=[{"kind": "find", "model": name}], endpoints={"big": {**ENDPOINT, **changes}}
        )
    )


def named(found):
    return solution_digest(found, "{}:{}".format)


def test_endpoints_are_read_and_written_back():
    found = asking("http:big", timeout_s=5)
    assert found.endpoints["big"].timeout_s == 5.0
    assert parse(solution_json(found)) == found


def test_the_address_and_model_of_an_asked_endpoint_name_the_solution():
    first = named(asking("http:big"))
    assert named(asking("http:big", model="small")) != first
    assert named(asking("http:big", base_url="http://other/v1")) != first
    assert named(asking("http:big", key="env:OTHER", timeout_s=5, prompt_price=1)) == first


def test_an_endpoint_that_nobody_asks_does_not_name_the_solution():
    assert named(asking("m")) == named(parse(solution()))


def test_a_key_in_the_file_is_refused_without_being_shown():
    with pytest.raises(ConfigError, match="env:VARIABLE") as caught:
        asking("http:big", key="sk-secret")
    assert "sk-secret" not in str(caught.value)


def test_an_address_with_a_password_is_refused_without_being_shown():
    with pytest.raises(ConfigError) as caught:
        asking("http:big", base_url="https://me:secret@host/v1")
    assert "secret" not in str(caught.value)
