"""A recipe that folds Han characters finds either script by the other, and keeps every text as it was written."""

import pytest

from surefoot.core.lang import terms
from surefoot.store.lance import Recipe
from surefoot.store.opening import open_index
from surefoot.testing.index_samples import DIMENSIONS, sample

SIMPLIFIED, TRADITIONAL = "知识产权受法律保护。", "國際標準化組織發布新規定。"


@pytest.fixture
def opened(tmp_path):
    made = []

    def opened(**settings):
        digest = f"d{len(made)}"
        index = open_index(str(tmp_path / digest), Recipe(digest, DIMENSIONS, **settings))
        made.append(index)
        index.replace([sample("s", SIMPLIFIED), sample("t", TRADITIONAL), sample("e", "ISO law.")])
        return index

    yield opened
    for index in made:
        index.close()


def found(index, text):
    return [hit.chunk.document_id for hit in index.keyword(text, limit=5)]


@pytest.mark.parametrize(
    "question, document",
    [("知識產權", "s"), ("知识产权", "s"), ("国际组织", "t"), ("國際組織", "t")],
)
def test_either_script_is_found_by_either(opened, question, document):
    assert found(opened(fold_han=True), question)[0] == document


def test_without_folding_the_scripts_are_apart(opened):
    index = opened()
    assert found(index, "知識產權") == []
    assert found(index, "国际组织") == []
    assert found(index, "law") == ["e"]


def test_what_is_given_back_stays_as_it_was_written(opened):
    index = opened(fold_han=True)
    assert index.keyword("国际组织", limit=1)[0].chunk.text == TRADITIONAL
    assert index.document("t").text == TRADITIONAL


def test_terms_are_counted_under_either_script(opened):
    index = opened(fold_han=True)
    for text in ("國際", "国际", "知識", "law"):
        assert index.frequencies(terms(text)) == ([1], 3)
    assert opened().frequencies(terms("国际")) == ([0], 3)
