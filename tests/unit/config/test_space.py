"""The space file: lists, ranges, choices of several settings, places for stages, conditions; errors name the path."""

import tomllib

import pytest

from surefoot.config.space import Choice, label, parse_space, read_space, space_json, space_text
from surefoot.core.errors import ConfigError, MissingError

WHOLE = """
schema = 1
base = "balanced"

[[stages]]
name = "rerank"
after = "search"
options.none = []
options.features = { kind = "rerank", by = { kind = "features" } }
options.both = [{ kind = "rerank" }, { kind = "distinct" }]

[[axes]]
name = "文字"
options."原样" = {}
options."简体" = { corpus.fold_han = true, stages.search.views = { sentences = 0.3 }, corpus.embed = { kind = "hash" } }

[choices]
stages.search.weight = [0.2, 0.8]
"corpus.chunk.max_tokens" = { low = 100, high = 400, step = 150 }
stages.rerank.depth = { values = [5, 10], when = { rerank = "features" } }
"""


def parsed(text):
    return parse_space(tomllib.loads(text))


def test_a_file_is_read_with_paths_as_dots_or_tables():
    space = parsed(WHOLE)
    assert space.base == "balanced"
    assert [name for name, _, _ in space.named()] == [
        "rerank",
        "文字",
        "stages.search.weight",
        "stages.rerank.depth",
        "corpus.chunk.max_tokens",
    ]
    assert dict(space.axes[0].options["简体"]) == {
        "corpus.fold_han": True,
        "stages.search.views": {"sentences": 0.3},
        "corpus.embed": {"kind": "hash"},
    }
    assert space.stages[0].options["none"] == ()
    assert [stage["kind"] for stage in space.stages[0].options["both"]] == ["rerank", "distinct"]
    assert space.choices["corpus.chunk.max_tokens"].listed() == [100, 250, 400]
    assert dict(space.choices["stages.rerank.depth"].when) == {"rerank": ("features",)}
    assert parse_space(space_json(space)) == space
    assert parsed(space_text(space)) == space
    assert 'options."简体" = { corpus.fold_han = true, ' in space_text(space)


@pytest.mark.parametrize(
    "settings, listed",
    [
        ({"values": ["a", {"kind": "hash"}]}, ["a", {"kind": "hash"}]),
        ({"low": 0.1, "high": 0.5, "step": 0.2}, [0.1, 0.3, 0.5]),
        ({"low": 1, "high": 16, "log": True}, [1, 2, 4, 8, 16]),
        ({"low": 0.0, "high": 1.0, "points": 3}, [0.0, 0.5, 1.0]),
        ({"low": 0, "high": 2, "points": 5}, [0, 1, 2]),
    ],
)
def test_values_of_a_choice(settings, listed):
    found = Choice(**settings).listed()
    assert found == listed
    assert [type(one) for one in found] == [type(one) for one in listed]


def test_labels():
    assert [label(one) for one in ("混合", 0.5, True, None, {"kind": "hash"}, [1])] == [
        "混合",
        "0.5",
        "true",
        "null",
        "hash",
        "[1]",
    ]


@pytest.mark.parametrize(
    "text, words",
    [
        ("choices.a.b = 3", "a.b must be a list of values or a range"),
        ("choices.a.b = { low = 3 }", "give a list of values, or a range"),
        ("choices.a.b = { low = 3, high = 1 }", "must be less than high"),
        ("choices.a.b = { low = 0, high = 1, log = true }", "low above 0"),
        ("choises.a.b = [1]", "did you mean choices"),
        ('stages = [{ name = "x", options = { none = [] } }]', "one of after, before, instead"),
        (
            'axes = [{ name = "x", options = { a = {} }, when = { y = "b" } }]',
            "there is no such axis",
        ),
        (
            'axes = [{ name = "x", options = { a = {} }, when = { x = "a" } }]',
            "depends on itself",
        ),
        (
            'axes = [{ name = "x", options = { a = {} } }, { name = "x", options = { a = {} } }]',
            "two axes are named 'x'",
        ),
    ],
)
def test_what_is_wrong_is_said(text, words):
    with pytest.raises(ConfigError) as problem:
        parsed(text)
    assert words in str(problem.value)


def test_a_file_that_is_not_there_or_no_toml(tmp_path):
    with pytest.raises(MissingError, match="no such space file"):
        read_space(tmp_path / "space.toml")
    (tmp_path / "space.toml").write_text("a = [", encoding="utf-8")
    with pytest.raises(ConfigError, match="not valid TOML"):
        read_space(tmp_path / "space.toml")
