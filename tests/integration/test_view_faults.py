"""A kill leaves each document with all of its former or all of its new views; damage to them is found and mended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from surefoot.core.crash import VARIABLE
from surefoot.store.calls import wait
from surefoot.store.lance import Recipe
from surefoot.store.opening import open_index
from surefoot.store.tables import Tables, passages_name
from surefoot.testing.index_samples import DIMENSIONS, sample, vector_of, with_views

RECIPE = Recipe("views", DIMENSIONS, views=True)
CHILD = """
import sys
from surefoot.store.lance import Recipe
from surefoot.store.opening import open_index
from surefoot.testing.index_samples import DIMENSIONS, sample, with_views
index = open_index(sys.argv[1], Recipe("views", DIMENSIONS, views=True))
if sys.argv[2] == "replace":
    index.replace([with_views(sample("a", "new 新"), asked=((0, "new question 新问题"),))])
else:
    index.remove(["a"])
"""


def killed(location, action, point):
    env = {**os.environ, VARIABLE: point}
    command = [sys.executable, "-c", CHILD, str(location), action]
    process = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)
    assert process.returncode == -signal.SIGKILL, process.stderr


@pytest.fixture
def location(tmp_path):
    return tmp_path / "lance"


@pytest.fixture
def index(location):
    index = open_index(str(location), RECIPE)
    old = sample("a", "apple 苹果", "second 第二")
    other = sample("b", "banana 香蕉")
    index.replace(
        [
            with_views(
                old, asked=((0, "old question 旧问题"), (1, "old too 也旧")), summary=((1, "s"),)
            ),
            with_views(other, asked=((0, "banana question 香蕉问题"),)),
        ]
    )
    return index


def asked(index):
    found = index.vector(vector_of("x"), limit=9, view="asked")
    return sorted((hit.chunk.document_id, hit.chunk.index) for hit in found)


BEFORE, AFTER = [("a", 0), ("a", 1), ("b", 0)], [("a", 0), ("b", 0)]


@pytest.mark.slow
@pytest.mark.parametrize(
    "point, expected",
    [("replace.documents", BEFORE), ("replace.passages", AFTER), ("replace.cleared", AFTER)],
)
def test_a_kill_within_replace_leaves_old_or_new_views(location, index, point, expected):
    killed(location, "replace", point)
    assert asked(index) == expected
    words = index.keyword("question 旧 新", limit=9, view="asked")
    assert {hit.chunk.text for hit in words if hit.chunk.document_id == "a"} == (
        {"new 新"} if expected == AFTER else {"apple 苹果", "second 第二"}
    )
    index.repair()
    assert index.check() == []


@pytest.mark.slow
def test_a_kill_within_remove_leaves_no_view_behind(location, index):
    killed(location, "remove", "remove.passages")
    assert asked(index) == [("b", 0)]
    assert index.views("a") == []
    index.repair()
    assert index.check() == []


def test_snapshots_bring_views_back(index):
    index.snapshots.create("s")
    assert index.snapshots.list()[0].chunks == 3
    index.replace([sample("a", "no views")])
    index.remove(["b"])
    assert asked(index) == []
    index.snapshots.restore("s")
    assert asked(index) == BEFORE
    assert index.check() == []


@pytest.mark.parametrize(
    "damage, said",
    [
        ("number = -3", "has 2 of 3 other views"),
        ("number = 1", "has 1 of 2 chunks"),
        ("number >= -1", "has a view of a chunk that is gone"),
    ],
)
def test_damage_to_views_is_found_and_mended(location, index, damage, said):
    table = Tables(str(location)).open(passages_name("views"))
    wait(table.delete(f"document_id = 'a' AND {damage}"))
    assert any(line.startswith(f"a: {said}") for line in index.check())
    index.repair()
    assert index.check() == []
    assert asked(index) == [("b", 0)]
    assert index.views("a") == []
