"""Filters that a chat model reads out of a question: a closed list, words of the question, and the same steps back."""

from __future__ import annotations

import json

import pytest

from surefoot.config.prompts import Prompts
from surefoot.core.errors import DataError, TransientError
from surefoot.core.filters import Comparison
from surefoot.core.roles import Call, DocumentState, IndexedDocument, Parts, Passage, Scope
from surefoot.core.types import Acl, Asker, Chunk, Document, Query, Turn
from surefoot.retrieve.filters.infer_filters import InferFilters, InferFiltersSettings
from surefoot.testing.contracts_stage import StageContract
from surefoot.testing.fakes import FakeChat
from surefoot.testing.memory_index import FakeIndex

ASKED = {
    "en": ("What did the maker of the iPhone earn?", "the maker of the iPhone"),
    "zh": ("制造iPhone的企业赚了多少钱？", "制造iPhone的企业"),
}


@pytest.fixture
def index():
    made = FakeIndex()
    secret = Acl(public=False, users=("eve",))
    rows = [("Apple", 2022), ("Apple", 2023), ("Microsoft", 2022), ("Hidden Inc", 2022)]
    for company, year in rows:
        name, text = f"{company} {year}", f"{company} report"
        acl = secret if company == "Hidden Inc" else Acl()
        meta = {"company": company, "year": year, "kind": "report"}
        chunk = Chunk(f"{name}-0", name, text, 0, len(text), lang="en", meta=meta)
        document = Document(name, name, name, text, lang="en", meta=meta, acl=acl)
        state = DocumentState(name, name, name, "ok", acl=acl)
        made.replace([IndexedDocument(document, state, (Passage(chunk, text, [1.0, 1.0]),))])
    return made


def says(*pairs):
    return json.dumps({"filters": [{"said": said, "is": held} for said, held in pairs]})


def stage(index, replies, **settings):
    model = FakeChat(replies)
    parts = Parts(lambda: index, None, lambda n, a="": model, Prompts().get, None)
    return InferFilters(InferFiltersSettings(model="m", **settings), parts), model


def inferred(index, question, replies, *, lang="en", filter=None, asker=Asker(), **settings):
    made, model = stage(index, replies, **settings)
    turn = made(Turn(Query(question, lang, filter=filter, asker=asker)), Call())
    found = index.documents(scope=Scope(turn.query.filter, asker))
    return turn, sorted(document.id for document in found), model


def notes(turn):
    return " | ".join(note.message for note in turn.notes)


class TestInferFiltersByModel(StageContract):
    @pytest.fixture(params=["en", "zh"])
    def lang(self, request):
        return request.param

    @pytest.fixture
    def stage(self, index, lang):
        return stage(index, [says((ASKED[lang][1], "company = Apple"))])[0]

    @pytest.fixture
    def turn(self, lang):
        return Turn(Query(ASKED[lang][0], lang, filter=Comparison("gte", "year", 2022)))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_model_is_asked_where_the_rules_find_nothing(index, lang):
    question, said = ASKED[lang]
    turn, found, model = inferred(index, question, [says((said, "company = Apple"))], lang=lang)
    assert found == ["Apple 2022", "Apple 2023"]
    assert f"the model takes {said!r} for company = Apple" in notes(turn)
    told = model.asked[0][0][-1].content
    assert "company = Microsoft" in told and "year = 2022" in told and question in told
    assert "kind = report" not in told


def test_the_model_is_not_asked_where_the_rules_find_something(index):
    _, found, model = inferred(index, "What did Apple earn?", [says()])
    assert found == ["Apple 2022", "Apple 2023"]
    assert not model.asked


def test_always_adds_what_the_rules_have_no_key_for(index):
    reply = says(("the year of the crash", "year = 2022"))
    question = "What did Apple earn in the year of the crash?"
    _, found, model = inferred(index, question, [reply], always=True)
    assert found == ["Apple 2022"]
    assert "company =" not in model.asked[0][0][-1].content.rpartition("The list:")[2]


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (says(("the maker of windows", "company = Microsoft")), "does not say"),
        (says(("the", "company = Microsoft")), "does not say"),
        (says(("the maker of the iPhone", "company = Nokia")), "not of the form"),
        (says(("the maker of the iPhone", "owner = Apple")), "not of the form"),
        ("It is Apple.", "not of the form"),
        (TransientError("busy"), "busy"),
        (DataError("too long"), "too long"),
    ],
)
def test_what_is_not_in_list_and_question_filters_nothing(index, reply, why):
    turn, found, _ = inferred(index, ASKED["en"][0], [reply])
    assert len(found) == 4
    assert turn.query.filter is None
    assert why in notes(turn)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Who earned most, except the maker of the iPhone?", "the maker of the iPhone"),
        ("除了制造iPhone的企业，谁赚得最多？", "制造iPhone的企业"),
    ],
)
def test_what_the_question_excludes_is_not_asked_for(index, question, said):
    turn, found, _ = inferred(index, question, [says((said, "company = Apple"))])
    assert len(found) == 4
    assert "excludes" in notes(turn)


def test_values_that_exclude_each_other_are_given_up_as_those_of_the_rules(index):
    reply = says(("maker of Windows", "company = Microsoft"), ("year of the comet", "year = 2023"))
    question = "What did the maker of Windows earn in the year of the comet?"
    _, found, _ = inferred(index, question, [reply])
    assert found
    assert "Microsoft 2022" in found


def test_the_filter_that_was_given_stays(index):
    given = Comparison("eq", "year", 2022)
    turn, found, _ = inferred(
        index, ASKED["en"][0], [says((ASKED["en"][1], "company = Apple"))], filter=given
    )
    assert found == ["Apple 2022"]
    assert given in turn.query.filter.filters


def test_nobody_is_shown_values_of_documents_that_are_not_theirs(index):
    stranger = Asker("bob", trusted=False)
    _, _, model = inferred(index, ASKED["en"][0], [says()], asker=stranger)
    assert "Hidden" not in model.asked[0][0][-1].content
    assert "Hidden" not in json.dumps(model.asked[0][1].schema)
    reader = Asker("eve", trusted=False)
    _, _, model = inferred(index, ASKED["en"][0], [says()], asker=reader)
    assert "Hidden" in model.asked[0][0][-1].content


def test_keys_with_many_values_are_not_shown(index):
    turn, _, model = inferred(index, ASKED["en"][0], [says()], shown_values=2)
    assert "company =" not in model.asked[0][0][-1].content.rpartition("The list:")[2]
    assert "more than 2 values" in notes(turn)


def test_a_question_without_words_is_not_lost(index):
    _, found, _ = inferred(index, "?", [says()])
    assert len(found) == 4
