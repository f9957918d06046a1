"""What a filter and an asker's rights let through equals their plain-Python reading, for hostile values too."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surefoot.core.filters import Comparison, Compound, passes
from surefoot.core.roles import Scope
from surefoot.core.types import Acl, Asker
from surefoot.store.lance import Recipe
from surefoot.store.opening import open_index
from surefoot.testing.index_samples import DIMENSIONS, may_read, sample, vector_of

WORDS = [
    "law",
    "法律",
    "it's",
    "''",
    "' OR 1=1 --",
    '"',
    "\\",
    "\\'",
    "%",
    "_",
    "\x00",
    "😀",
    "",
    "é",
]
KEYS = {
    "topic": st.sampled_from(WORDS),
    "主题": st.sampled_from(WORDS),
    "a b'c": st.sampled_from(WORDS),
    "n": st.sampled_from([-1, 0, 2, 2.5, 1e300]),
    "flag": st.booleans(),
    "tags": st.lists(st.sampled_from(WORDS), max_size=3).map(tuple),
    "mixed": st.one_of(st.sampled_from(WORDS), st.sampled_from([1, 2, 3.5])),
}
VALUES = {**KEYS, "tags": st.sampled_from(WORDS)}
NAMES = ["ann", "o'brien", "李", "') OR ('1'='1"]
metas = st.fixed_dictionaries({}, optional=KEYS)
acls = st.builds(
    Acl,
    st.booleans(),
    st.lists(st.sampled_from(NAMES), max_size=2).map(tuple),
    st.lists(st.sampled_from(NAMES), max_size=2).map(tuple),
)
askers = st.builds(
    Asker,
    st.one_of(st.none(), st.sampled_from(NAMES)),
    st.lists(st.sampled_from(NAMES), max_size=2).map(tuple),
    st.booleans(),
)


def _comparisons(key):
    values = VALUES[key]
    types = ["eq", "ne"] if key in ("flag", "tags") else ["eq", "ne", "gt", "gte", "lt", "lte"]
    return st.one_of(
        st.builds(Comparison, st.sampled_from(types), st.just(key), values),
        st.builds(
            Comparison,
            st.sampled_from(["in", "nin"]),
            st.just(key),
            st.lists(values, max_size=3).map(tuple),
        ),
    )


filters = st.recursive(
    st.sampled_from(sorted(KEYS)).flatmap(_comparisons),
    lambda parts: st.builds(
        Compound, st.sampled_from(["and", "or"]), st.lists(parts, min_size=1, max_size=3).map(tuple)
    ),
    max_leaves=5,
)
# One document has every key in every type, so that no filter names an unknown one.
EVERY = {
    "topic": "x",
    "主题": "x",
    "a b'c": "x",
    "n": 7,
    "flag": True,
    "tags": ("x",),
    "mixed": "x",
}
quick = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    return open_index(str(tmp_path_factory.mktemp("lance")), Recipe("p", DIMENSIONS))


@quick
@given(
    st.lists(st.tuples(metas, acls), min_size=1, max_size=6), st.lists(filters, max_size=6), askers
)
def test_every_search_lets_through_what_the_plain_reading_does(index, rows, wanted, asker):
    items = [
        sample("every", "patent 专利", meta=EVERY),
        sample("number", "patent 专利", meta={"mixed": 9}),
        *(
            sample(f"d{i}", f"patent 专利 {i}", meta=meta, acl=acl)
            for i, (meta, acl) in enumerate(rows)
        ),
    ]
    index.remove([state.id for state in index.states()])
    index.replace(items)
    for filter in (None, *wanted):
        scope = Scope(filter, asker)
        expected = {
            item.document.id
            for item in items
            if may_read(item.document.acl, asker)
            and (filter is None or passes(filter, item.document.meta))
        }
        assert {d.id for d in index.documents(scope=scope)} == expected
        by_vector = index.vector(vector_of("x"), limit=99, scope=scope)
        assert {hit.chunk.document_id for hit in by_vector} == expected
        by_word = index.keyword("patent 专利", limit=99, scope=scope)
        assert {hit.chunk.document_id for hit in by_word} == expected


@settings(parent=quick, max_examples=60)
@given(st.text(max_size=60), st.sampled_from(["", "patent ", "专利 "]))
def test_no_question_breaks_a_keyword_search(index, text, before):
    index.replace([sample("every", "patent 专利", meta=EVERY)])
    index.keyword(before + text, limit=5)


@settings(parent=quick, max_examples=60)
@given(st.text(min_size=1, max_size=40), st.text(max_size=40))
def test_any_key_and_value_that_is_stored_is_found(index, key, value):
    index.replace([sample("one", "text 文", meta={key: value})])
    found = index.document("one", scope=Scope(Comparison("eq", key, value)))
    assert found is not None
    assert found.meta == {key: value}
