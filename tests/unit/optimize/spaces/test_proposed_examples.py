"""Sets of examples are files that a search can try."""

from __future__ import annotations

import json

import numpy as np
import pytest

import surefoot
from surefoot.core.errors import ConfigError, DataError, MissingError
from surefoot.generate.asking.examples import read_examples
from surefoot.optimize.spaces.examples import diverse, propose_examples
from surefoot.optimize.spaces.ground import Ground
from surefoot.optimize.spaces.space import SolutionSpace

TOPICS = {
    "en": ["library opening hours", "harbour building history", "ticket prices for children"],
    "zh": ["图书馆开放时间", "港口建造历史", "儿童票价优惠"],
}
ALONE = 'schema = 1\n[[stages]]\nkind = "answer"\n'


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / "surefoot.toml").write_text(ALONE, encoding="utf-8")
    with surefoot.open(tmp_path, settings={"offline": True}) as space:
        yield space


def rows(tmp_path, lang):
    file = tmp_path / "given.jsonl"
    lines = [
        json.dumps({"question": f"{topic} {number}", "answer": topic}, ensure_ascii=False)
        for topic in TOPICS[lang]
        for number in range(4)
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_sets_are_drawn_by_seed_and_one_of_unlike_rows(workspace, tmp_path, lang):
    file = rows(tmp_path, lang)
    found = propose_examples(workspace, file, count=3, sets=2, seed=1)
    names = ["random-1", "random-2", "diverse", "pool"]
    assert found.files == tuple(f"examples/given-{name}.jsonl" for name in names)
    assert found.rows == 12
    known = {
        name: read_examples(tmp_path / path) for name, path in zip(names, found.files, strict=True)
    }
    assert known["pool"] == read_examples(file)
    assert {one.answer for one in known["diverse"]} == set(TOPICS[lang])
    assert [len(known[name]) for name in names] == [3, 3, 3, 12]
    assert known["random-1"] != known["random-2"]
    before = [path.read_text("utf-8") for path in sorted((tmp_path / "examples").iterdir())]
    assert propose_examples(workspace, file, count=3, sets=2, seed=1) == found
    assert [p.read_text("utf-8") for p in sorted((tmp_path / "examples").iterdir())] == before


def test_a_search_can_try_what_is_proposed(workspace, tmp_path):
    found = propose_examples(workspace, rows(tmp_path, "en"), count=3, sets=1)
    space = SolutionSpace(found.space, Ground(workspace))
    (axis,) = space.axes
    assert axis.options == (
        "none",
        "fixed 3 of given-random-1",
        "fixed 3 of given-diverse",
        "nearest 3 of given-pool",
        "nearest 6 of given-pool",
    )
    digests = {space.candidate({"examples": label}).digest for label in axis.options}
    assert len(digests) == len(axis.options)
    assert not space.dropped


def test_examples_that_are_shown_now_are_tried_beside_the_proposed(workspace, tmp_path):
    file = rows(tmp_path, "en")
    (tmp_path / "surefoot.toml").write_text(
        ALONE + 'examples = { file = "given.jsonl" }', encoding="utf-8"
    )
    workspace.reload()
    space = SolutionSpace(propose_examples(workspace, file).space, Ground(workspace))
    assert space.axes[0].options[0] == "present"
    stage = space.solution(space.candidate({}).digest).solution.stages[0]
    assert stage.examples.file == "given.jsonl"


def test_too_few_rows_no_file_and_no_model_are_told(workspace, tmp_path):
    with pytest.raises(DataError, match="fewer than the 20"):
        propose_examples(workspace, rows(tmp_path, "en"), count=20)
    with pytest.raises(MissingError):
        propose_examples(workspace, tmp_path / "none.jsonl")
    (tmp_path / "surefoot.toml").write_text(
        'schema = 1\n[corpus]\n[[stages]]\nkind = "search"\n', encoding="utf-8"
    )
    workspace.reload()
    with pytest.raises(ConfigError, match="nobody to show examples"):
        propose_examples(workspace, rows(tmp_path, "en"))


def test_the_middle_of_each_group_is_taken_the_largest_group_first():
    chance = np.random.default_rng(0)
    groups = np.repeat(np.eye(3, 8, dtype=np.float32), [2, 6, 4], axis=0)
    vectors = groups + chance.normal(0, 0.05, groups.shape).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    assert [int(groups[place].argmax()) for place in diverse(vectors, 3)] == [1, 2, 0]


def test_equal_rows_give_different_places():
    vectors = np.tile(np.eye(1, 8, dtype=np.float32), (4, 1))
    assert sorted(diverse(vectors, 3)) == sorted(set(diverse(vectors, 3)))
