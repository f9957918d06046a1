"""The space where none is given follows what documents, questions and models are like."""

from dataclasses import replace

import pytest

import surefoot
from surefoot.config.space import parse_space
from surefoot.core.errors import ConfigError
from surefoot.optimize.spaces.defaults import Facts, space_around
from surefoot.optimize.spaces.ground import Ground
from surefoot.optimize.spaces.space import SolutionSpace

PLAIN = Facts(chinese=False, long=0.0, titled=0.0, lists=0.0, metadata=False, tokens=False)
FULL = Facts(
    chinese=True,
    long=0.5,
    titled=1.0,
    lists=0.2,
    metadata=True,
    tokens=True,
    encoders=("other",),
    endpoints=("mine",),
    chat="http:mine",
    across=True,
)
HASHED = """schema = 1
[corpus]
embed = { kind = "hash" }
[[stages]]
kind = "search"
[[stages]]
kind = "quote"
"""


def made(tmp_path, facts, solution=HASHED):
    (tmp_path / "surefoot.toml").write_text(solution, encoding="utf-8")
    with surefoot.open(tmp_path, settings={"offline": True}) as space:
        found = parse_space(space_around(space.solution, facts))
        return SolutionSpace(found, Ground(space))


def axes(space):
    return {axis.name: axis.options for axis in space.axes}


def test_little_is_tried_where_little_can_matter(tmp_path):
    space = made(tmp_path, PLAIN)
    found = axes(space)
    assert set(found) == {
        "rerank",
        "sides",
        "depth",
        "views",
        "stages.search.fusion",
        "stages.search.weight",
    }
    assert found["rerank"] == ("none", "features")
    assert space.size == 2 * 2 * (3 * 3 * 3 + 1) + 2
    assert len(space.candidates(400)) == space.size + 1 - 0 - 0
    assert not space.dropped


def test_what_documents_questions_and_models_have_is_tried(tmp_path):
    solution = HASHED + '[endpoints.mine]\nbase_url = "http://localhost:1/v1"\nmodel = "m"\n'
    space = made(tmp_path, FULL, solution)
    found = axes(space)
    assert found["rerank"] == ("none", "features", "late")
    assert found["prefer"] == ("none", "prefer")
    assert found["follow"] == ("none", "titles", "names", "graph")
    assert found["answer"] == ("as it is", "answer with mine")
    assert found["question"] == ("none", "multi-query", "step-back", "hyde", "translate")
    assert found["views"] == ("none", "sentences", "questions")
    assert found["scripts"] == ("apart", "folded")
    assert found["encoder"] == ("present", "other")
    assert found["corpus.chunk.max_tokens"] == ("480", "128", "256")
    choices = {"rerank": "features", "follow": "titles", "prefer": "prefer", "scripts": "folded"}
    checked = space.solution(space.candidate(choices).digest)
    kinds = [stage.kind for stage in checked.solution.stages]
    assert kinds == ["search", "rerank", "prefer-inferred", "iterate", "quote"]
    assert checked.solution.corpus.fold_han
    graph = space.candidate({"follow": "graph"})
    assert graph.complexity == 1
    assert space.solution(graph.digest).solution.corpus.graph is not None
    assert checked.solution.corpus.graph is None
    assert sum(space.dropped.values()) == 0


def test_a_chat_model_that_is_given_may_say_the_question_otherwise(tmp_path):
    asking = HASHED.replace('kind = "quote"', 'kind = "answer"\nmodel = "http:mine"')
    solution = asking + '[endpoints.mine]\nbase_url = "http://localhost:1/v1"\nmodel = "m"\n'
    space = made(tmp_path, replace(PLAIN, chat="http:mine"), solution)
    assert axes(space)["question"] == ("none", "multi-query", "step-back", "hyde")
    checked = space.solution(space.candidate({"question": "hyde"}).digest)
    assert [stage.kind for stage in checked.solution.stages] == ["hyde", "search", "answer"]
    assert checked.solution.stages[0].model == "http:mine"


def test_a_chat_model_counts_as_given_where_the_solution_names_it(tmp_path):
    from surefoot.config.registry import Registry
    from surefoot.config.solution import parse_solution
    from surefoot.optimize.spaces.defaults import given_chat

    def given(*stages, **more):
        return given_chat(parse_solution({"schema": 1, "stages": list(stages), **more}, Registry()))

    search, answer = {"kind": "search"}, {"kind": "answer", "model": "small"}
    mine = {"mine": {"base_url": "http://localhost:1/v1", "model": "m"}}
    assert given(search, {"kind": "quote"}) == ""
    assert given(search, answer) == "small"
    assert given(search, endpoints=mine) == "http:mine"


@pytest.mark.parametrize("preset", ["balanced", "thorough", "zh", "multi-hop", "fast"])
def test_the_presets_can_be_searched_around(tmp_path, preset):
    from surefoot.config.presets import preset_text

    facts = Facts(chinese=True, long=0.5, titled=1.0, lists=0.2, metadata=True, tokens=True)
    space = made(tmp_path, facts, preset_text(preset))
    assert len(space.candidates(60)) == 60
    assert not space.dropped
    assert space.present.complexity == 0


def test_without_a_search_a_space_must_be_given(tmp_path):
    solution = 'schema = 1\n[[stages]]\nkind = "answer"\nmodel = "http:mine"\n'
    with pytest.raises(ConfigError, match="no stage searches"):
        made(tmp_path, PLAIN, solution)
