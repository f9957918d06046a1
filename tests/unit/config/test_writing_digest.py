"""What has a chat model write counts in the recipe: model, prompt and settings, and nothing where none does."""

import pytest

from surefoot.config.registry import Registry
from surefoot.config.solution import parse_solution, recipe_digest, solution_digest

ENDPOINT = {"base_url": "http://127.0.0.1:1/v1", "model": "a"}


def digest(corpus, hashes="1", endpoints=None, whole=False):
    raw = {"corpus": corpus, "stages": [{"kind": "search"}], "endpoints": endpoints or {}}
    solution = parse_solution(raw, Registry())
    resolve = lambda what, name: f"{what} {name} {hashes if what == 'prompt' else ''}"  # noqa: E731
    if whole:
        return solution_digest(solution, resolve)
    return recipe_digest(solution.corpus, resolve, solution.endpoints)


VIEWS = [{"kind": "model-summary"}, {"kind": "model-questions"}, {"kind": "model-context"}]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view["kind"])
def test_model_prompt_and_settings_of_a_view_count(view):
    base = digest({"views": [view]})
    assert base != digest({})
    assert base != digest({"views": [view]}, hashes="2")
    assert base != digest({"views": [{**view, "model": "other.gguf"}]})
    assert base != digest({"views": [{**view, "reads": 100}]})
    assert base == digest({"views": [{**view, "workers": 8}]})


def test_a_graph_counts_its_model_and_prompt_only_where_it_has_one():
    plain = digest({"graph": {}})
    assert plain == digest({"graph": {}}, hashes="2")
    named = digest({"graph": {"model": "m.gguf"}})
    assert named != plain
    assert named != digest({"graph": {"model": "m.gguf"}}, hashes="2")


@pytest.mark.parametrize(
    "corpus",
    [{"views": [{"kind": "model-summary", "model": "http:x"}]}, {"graph": {"model": "http:x"}}],
)
def test_what_answers_behind_an_address_counts(corpus):
    base = digest(corpus, endpoints={"x": ENDPOINT})
    other = {"x": {**ENDPOINT, "model": "b"}}
    assert base != digest(corpus, endpoints=other)
    assert base == digest(corpus, endpoints={"x": {**ENDPOINT, "timeout_s": 5, "key": "env:K"}})
    assert digest(corpus, endpoints={"x": ENDPOINT}, whole=True) != digest(
        corpus, endpoints=other, whole=True
    )


def test_an_endpoint_that_no_view_asks_changes_no_index():
    assert digest({"views": [{"kind": "summary"}]}) == digest(
        {"views": [{"kind": "summary"}]}, endpoints={"x": ENDPOINT}
    )
