from __future__ import annotations

from types import SimpleNamespace

import pytest

from surefoot.config.registry import Registry
from surefoot.config.solution import Solution, parse_solution
from surefoot.core.errors import ConfigError
from surefoot.run.order import check_isolation, check_order, check_views
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


def solution(made: list[dict[str, str]], **search: object) -> Solution:
    inner = {"kind": "search", **search}
    raw = {
        "corpus": {"views": made},
        "stages": [{"kind": "search"}, {"kind": "feedback", "search": inner}],
    }
    return parse_solution(raw, Registry())


def test_a_search_by_views_that_the_corpus_makes_passes() -> None:
    check_views(solution([], keyword=9))
    check_views(solution([{"kind": "questions"}], views={"questions": 0.3}))
    check_views(solution([{"kind": "sentences", "name": "lines"}], views={"lines": 0.3}))


def test_a_search_by_a_view_that_the_corpus_does_not_make_is_refused() -> None:
    with pytest.raises(
        ConfigError, match=r"stages.1 \(feedback\) searches the view 'summary'"
    ) as caught:
        check_views(solution([{"kind": "questions"}], views={"summary": 0.3}))
    assert 'kind = "summary"' in caught.value.hint


NESTED = {"kind": "route", "otherwise": [{"kind": "answer", "adapter": "house"}]}
MIXING = {
    "adapter": ({"kind": "answer", "adapter": "house"}, "the adapter 'house'"),
    "nested": (NESTED, "the adapter 'house'"),
    "engine": ({"kind": "federate", "engines": [{"kind": "brave"}]}, "engine 'brave'"),
}


@pytest.mark.parametrize(("stage", "named"), MIXING.values(), ids=MIXING)
def test_strict_isolation_refuses_what_may_hold_documents_of_others(
    stage: dict[str, object], named: str
) -> None:
    raw = {"corpus": {"isolation": "strict"}, "stages": [{"kind": "search"}, stage]}
    with pytest.raises(ConfigError, match=f"stages.1 has {named}") as caught:
        check_isolation(parse_solution(raw, Registry()))
    assert 'isolation = "shared"' in caught.value.hint
    shared = {**raw, "corpus": {}}
    check_isolation(parse_solution(shared, Registry()))


def test_strict_isolation_refuses_an_encoder_that_was_tuned_on_documents() -> None:
    embed = {"kind": "local", "query_model": "tuned"}
    raw = {"corpus": {"isolation": "strict", "embed": embed}, "stages": [{"kind": "search"}]}
    with pytest.raises(ConfigError, match=r"corpus.embed has query_model = 'tuned'"):
        check_isolation(parse_solution(raw, Registry()))


def test_strict_isolation_takes_the_other_stages() -> None:
    stages = [{"kind": kind} for kind in ("spelling", "search", "graph", "quote")]
    check_isolation(
        parse_solution({"corpus": {"isolation": "strict"}, "stages": stages}, Registry())
    )
