from __future__ import annotations

from types import SimpleNamespace

import pytest

from surefoot.core.errors import ConfigError
from surefoot.run.order import check_order
from surefoot.run.pipeline import NamedStage

KINDS = {
    "synonyms": ("query", "query"),
    "search": ("query", "hits"),
    "neighbours": ("hits", "hits"),
    "quote": ("hits", "answer"),
    "answer": ("query", "answer"),
}


def stages(*kinds: str) -> list[NamedStage]:
    made = []
    for i, kind in enumerate(kinds):
        takes, produces = KINDS[kind]
        made.append(
            NamedStage(f"stages.{i}", kind, SimpleNamespace(takes=takes, produces=produces))
        )
    return made


@pytest.mark.parametrize(
    "kinds",
    [
        ("search", "quote"),
        ("synonyms", "search", "neighbours", "answer"),
        ("answer",),
        ("search", "synonyms", "search"),
    ],
)
def test_an_order_that_works_passes(kinds: tuple[str, ...]) -> None:
    check_order(stages(*kinds), "default")


@pytest.mark.parametrize(
    ("kinds", "reason", "hint"),
    [
        (("neighbours", "search"), "stages.0 (neighbours) works on hits", "before it"),
        (("quote",), "stages.0 (quote) works on hits", 'kind = "search"'),
        (("search", "quote", "neighbours"), "comes after stages.1 (quote)", "before stages.1"),
        (("search", "quote", "answer"), "has answered already", "take one of them out"),
        (("search", "synonyms", "quote"), "no stage after it searches", 'kind = "search"'),
    ],
)
def test_an_order_that_cannot_work_is_refused_with_its_reason(
    kinds: tuple[str, ...], reason: str, hint: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        check_order(stages(*kinds), "default")
    assert reason in str(caught.value)
    assert hint in caught.value.hint
