"""A space over a workspace: which option is the base's, what counts when, what cannot work, each solution whole."""

import tomllib

import pytest

import surefoot
from surefoot.config.space import parse_space
from surefoot.core.errors import ConfigError, MissingError
from surefoot.optimize.spaces.ground import Ground
from surefoot.optimize.spaces.space import SolutionSpace

SOLUTION = """schema = 1
[corpus]
embed = { kind = "hash" }
sources = [{ kind = "folder", path = "docs" }]
[[stages]]
kind = "search"
weight = 0.5
[[stages]]
kind = "quote"
"""
SPACE = """
[[stages]]
name = "rerank"
after = "search"
options.none = []
options.features = { kind = "rerank", by = { kind = "features" } }
[[axes]]
name = "检索"
options.both = {}
options.keyword = { stages.search.vector = 0 }
[choices]
stages.search.weight = { values = [0.2, 0.5], when = { "检索" = "both" } }
stages.rerank.depth = [10, 30]
corpus.chunk.max_tokens = [100, 200]
"""


@pytest.fixture
def ground(tmp_path):
    (tmp_path / "surefoot.toml").write_text(SOLUTION, encoding="utf-8")
    with surefoot.open(tmp_path, settings={"offline": True}) as space:
        yield Ground(space)


def made(ground, text):
    return SolutionSpace(parse_space(tomllib.loads(text)), ground)


def test_the_options_of_the_base_come_first(ground):
    axes = {axis.name: axis.options for axis in made(ground, SPACE).axes}
    assert axes == {
        "rerank": ("none", "features"),
        "检索": ("both", "keyword"),
        "stages.search.weight": ("0.5", "0.2"),
        "stages.rerank.depth": ("30", "10"),
        "corpus.chunk.max_tokens": ("480", "100", "200"),
    }


def test_axes_that_do_not_count_make_no_further_solutions(ground):
    space = made(ground, SPACE)
    combinations = list(space.combinations())
    assert space.size == len(combinations) == 3 * (2 + 1) * (1 + 2)
    found = space.candidates(100)
    assert len({one.digest for one in found}) == len(found) == space.size + 1
    assert found[0] == space.present
    assert found[1] == space.baseline
    one = space.candidate({"检索": "keyword", "stages.search.weight": "0.2"})
    assert one == space.candidate({"检索": "keyword"})
    assert one.choices["stages.search.weight"] == "0.5"
    assert one.complexity == 1
    assert one.overrides == {"stages.0.vector": 0}


def test_every_solution_is_complete_and_names_what_differs(ground):
    space = made(ground, SPACE)
    choices = {"rerank": "features", "stages.rerank.depth": "10", "corpus.chunk.max_tokens": "100"}
    one = space.candidate(choices)
    checked = space.solution(one.digest)
    assert [stage.kind for stage in checked.solution.stages] == ["search", "rerank", "quote"]
    assert checked.solution.stages[1].depth == 10
    assert checked.plain["corpus"]["sources"] == [{"kind": "folder", "path": "docs"}]
    assert set(one.overrides) == {"corpus.chunk.max_tokens", "corpus.chunk", "stages"} & set(
        one.overrides
    )
    assert space.present.overrides == {}
    assert space.present.complexity == 0
    assert ground.checked(checked.plain).digest == one.digest


def test_the_single_option_of_an_axis_is_taken_where_it_counts(ground):
    space = made(
        ground,
        """
[[stages]]
name = "hops"
after = "search"
options.none = []
options.graph = { kind = "graph" }
[[axes]]
name = "named"
when = { hops = "graph" }
options.kept = { corpus.graph = { phrases = 3 } }
""",
    )
    assert space.size == 2
    one = space.candidate({"hops": "graph"})
    assert one.choices == {"hops": "graph", "named": "kept"}
    assert one.complexity == 1
    assert space.solution(one.digest).solution.corpus.graph.phrases == 3
    assert space.candidate({"named": "kept"}) == space.candidate({})


def test_the_same_seed_draws_the_same(ground):
    first = [one.digest for one in made(ground, SPACE).candidates(12, seed=5)]
    again = [one.digest for one in made(ground, SPACE).candidates(12, seed=5)]
    other = [one.digest for one in made(ground, SPACE).candidates(12, seed=6)]
    assert first == again != other


def test_what_cannot_work_together_is_dropped_and_counted(ground):
    space = made(
        ground,
        """
[choices]
stages.search.keyword = [0, 30]
stages.search.vector = [0, 30]
""",
    )
    assert space.candidate({"stages.search.keyword": "0", "stages.search.vector": "0"}) is None
    assert list(space.dropped.values()) == [1]
    assert "cannot both be 0" in next(iter(space.dropped))


def test_a_preset_as_base_is_over_the_workspaces_own_documents(ground):
    space = made(ground, 'base = "multi-hop"\n[choices]\nstages.iterate.follow = [1, 3]\n')
    assert space.present.choices == {}
    one = space.solution(space.candidate({}).digest)
    assert one.plain["corpus"]["sources"] == [{"kind": "folder", "path": "docs"}]
    assert [stage.kind for stage in one.solution.stages] == ["search", "iterate", "quote"]


@pytest.mark.parametrize(
    "text, words",
    [
        ("[choices]\nstages.rerank.depth = [1]", "no stage is called 'rerank'"),
        ("[choices]\nstages.search.wieght = [1]", "did you mean weight"),
        ("[choices]\nstages.search.weight = [0.5, 3]", "must be at most 1"),
        ('[choices]\n"corpus.embed" = [{ kind = "hsh" }]', "unknown embedder kind"),
    ],
)
def test_options_that_can_never_be_right_are_refused(ground, text, words):
    with pytest.raises(ConfigError) as problem:
        made(ground, text)
    assert words in str(problem.value)


def test_unknown_options_bases_and_solutions(ground):
    space = made(ground, SPACE)
    with pytest.raises(ConfigError, match="no option 'often'"):
        space.candidate({"rerank": "often"})
    with pytest.raises(MissingError, match="has given no solution"):
        space.solution("0")
    with pytest.raises(MissingError, match="no solution or preset 'balancd'"):
        made(ground, 'base = "balancd"')
