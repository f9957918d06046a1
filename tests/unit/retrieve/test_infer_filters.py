"""Filters are read out of questions, in English and Chinese, and given up one by one where nothing is left."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from surefoot.core.filters import Comparison, Compound, parse_filter
from surefoot.core.roles import Call, DocumentState, IndexedDocument, Parts, Passage, Scope
from surefoot.core.types import Acl, Asker, Chunk, Document, Query, Turn
from surefoot.retrieve.filters.infer_filters import InferFilters, InferFiltersSettings
from surefoot.retrieve.filters.mentions import Vocabulary
from surefoot.retrieve.filters.narrow import in_words
from surefoot.retrieve.filters.periods import plain
from surefoot.testing.contracts_stage import StageContract
from surefoot.testing.memory_index import FakeIndex

PUBLIC = Acl()


def put(index, name, text, meta, lang="en", acl=PUBLIC):
    chunk = Chunk(f"{name}-0", name, text, 0, len(text), lang=lang, meta=meta)
    document = Document(name, name, name, text, lang=lang, meta=meta, acl=acl)
    state = DocumentState(name, name, name, "ok", acl=acl)
    vector = np.ones(2, np.float32)
    index.replace([IndexedDocument(document, state, (Passage(chunk, text, vector),))])


COMPANIES = {
    "en": (("Apple Inc.", "AAPL"), ("Microsoft", "MSFT"), ("General Motors", "GM")),
    "zh": (("苹果公司", "AAPL"), ("微软", "MSFT"), ("通用汽车集团", "GM")),
}


@pytest.fixture
def index():
    made = FakeIndex()
    for lang, companies in COMPANIES.items():
        for company, ticker in companies:
            for year, quarter in ((2022, "Q3"), (2023, "Q1"), (2023, "Q2")):
                meta = {"company": company, "ticker": ticker, "year": year, "quarter": quarter}
                name = f"{lang} {ticker} {year} {quarter}"
                text = f"{company} {ticker} 10-Q report 财报 {year} {quarter}"
                put(made, name, text, meta, lang)
    return made


def asked(index, question, filter=None, asker=Asker(), call=None, **settings):
    parts = Parts(lambda: index, None, None, None, None)
    stage = InferFilters(InferFiltersSettings(**settings), parts)
    return stage(Turn(Query(question, filter=filter, asker=asker)), call or Call())


def names(index, turn):
    scope = Scope(turn.query.filter, turn.query.asker)
    return sorted(document.id for document in index.documents(scope=scope))


def said(turn):
    return " | ".join(note.message for note in turn.notes)


class TestInferFilters(StageContract):
    @pytest.fixture(params=["What did Apple report in Q3 2022?", "苹果2022年第三季度的财报"])
    def turn(self, request):
        return Turn(Query(request.param, filter=Comparison("gte", "year", 2022)))

    @pytest.fixture
    def stage(self, index):
        return InferFilters(InferFiltersSettings(), Parts(lambda: index, None, None, None, None))


@pytest.mark.parametrize(
    "question, found",
    [
        ("What was Apple's revenue in Q3 2022?", ["en AAPL 2022 Q3"]),
        ("APPLE INC. in the third quarter of 2022", ["en AAPL 2022 Q3"]),
        ("苹果2022年第三季度的收入", ["zh AAPL 2022 Q3"]),
        ("ＭＳＦＴ in 2022", ["en MSFT 2022 Q3", "zh MSFT 2022 Q3"]),
        ("通用汽车的收入", ["zh GM 2022 Q3", "zh GM 2023 Q1", "zh GM 2023 Q2"]),
        ("Apple's latest report", ["en AAPL 2023 Q2"]),
        ("微软最新的财报", ["zh MSFT 2023 Q2"]),
        (
            "Compare Apple and Microsoft in Q1 2023",
            ["en AAPL 2023 Q1", "en MSFT 2023 Q1"],
        ),
        ("苹果和微软2023年第一季度", ["zh AAPL 2023 Q1", "zh MSFT 2023 Q1"]),
        ("Apple in Q3 2022 and Q2 2023", ["en AAPL 2022 Q3", "en AAPL 2023 Q2"]),
        ("AAPL in English documents, Q1 2023", ["en AAPL 2023 Q1"]),
        ("中文资料里AAPL 2023年第一季度", ["zh AAPL 2023 Q1"]),
    ],
)
def test_what_the_question_names_is_asked_for(index, question, found):
    turn = asked(index, question)
    assert names(index, turn) == found
    assert "only passages with" in said(turn)


@pytest.mark.parametrize(
    "question", ["How do I reset it?", "怎么重置？", "a pineapple", "the generals", "10-Q"]
)
def test_what_names_nothing_changes_nothing(index, question):
    turn = asked(index, question)
    assert (turn.query.filter, turn.notes) == (None, ())


def test_keys_that_exclude_each_other_are_alternatives(index):
    turn = asked(index, "Apple against MSFT in Q1 2023")
    assert names(index, turn) == ["en AAPL 2023 Q1", "en MSFT 2023 Q1", "zh MSFT 2023 Q1"]
    both = asked(index, "Apple (AAPL) in Q1 2023")
    assert names(index, both) == ["en AAPL 2023 Q1"]


@pytest.mark.parametrize(
    "question, left_out",
    [("Microsoft in 2031", "year = 2031"), ("微软2031年", "year = 2031")],
)
def test_what_leaves_nothing_is_given_up_with_a_note(index, question, left_out):
    turn = asked(index, question)
    assert len(names(index, turn)) == 3
    assert f"nothing is left with {left_out}: left out" in said(turn)


def test_a_quarter_that_is_not_there_is_relaxed_to_its_year(index):
    turn = asked(index, "Microsoft in Q4 2022")
    assert names(index, turn) == ["en MSFT 2022 Q3"]
    assert "relaxed to year = 2022" in said(turn)


def test_the_users_filter_is_never_widened(index):
    given = parse_filter({"type": "eq", "key": "year", "value": 2022})
    turn = asked(index, "Apple in 2023", given)
    assert names(index, turn) == ["en AAPL 2022 Q3"]
    assert isinstance(turn.query.filter, Compound) and given in turn.query.filter.filters
    other = asked(index, "Apple", parse_filter({"type": "eq", "key": "ticker", "value": "GM"}))
    assert other.query.filter == Comparison("eq", "ticker", "GM")
    assert "nothing within the filter given" in said(other)


@pytest.mark.parametrize("question", ["any company other than Microsoft", "除了微软的公司"])
def test_what_is_excluded_is_not_asked_for(index, question):
    turn = asked(index, question)
    assert turn.query.filter is None
    assert "excludes it" in said(turn)


@pytest.mark.parametrize("question", ["apple pie for ten", "Apple pie"])
def test_a_common_word_is_no_name(index, question):
    for number in range(20):
        put(index, f"pie {number}", "apple pie, one more apple", {"company": "Bakery"})
    turn = asked(index, question)
    assert turn.query.filter is None
    assert "'apple' is not taken" in said(turn).lower()
    assert names(index, asked(index, "company: Apple in Q1 2023")) == ["en AAPL 2023 Q1"]


@pytest.mark.parametrize(
    "question", ["Apple's latest quarter against previous quarters", "苹果最新季报环比如何"]
)
def test_a_comparison_with_older_ones_needs_them_all(index, question):
    turn = asked(index, question)
    assert len(names(index, turn)) == 3
    assert "no time is asked for alone" in said(turn)


def test_relative_times_are_told_from_a_day_that_is_named():
    index = FakeIndex()
    for day in ("2023-08-30", "2023-09-02", "2023-10-14"):
        put(index, day, f"minutes 会议纪要 {day}", {"date": day})
    for question in ("the minutes of last month", "上个月的会议纪要"):
        assert names(index, asked(index, question)) == ["2023-09-02"]
        other = asked(index, question, call=Call(today=date(2023, 9, 3)))
        assert names(index, other) == ["2023-08-30"]
        assert "2023-09-03" in said(other)
        fixed = asked(index, question, call=Call(today=date(2023, 9, 3)), today="2023-10-01")
        assert names(index, fixed) == ["2023-09-02"]
    assert names(index, asked(index, "the latest minutes")) == ["2023-10-14"]


def test_aliases_name_values(index):
    turn = asked(
        index, "how is the fruit company doing", aliases={"apple inc.": ("fruit company",)}
    )
    assert len(names(index, turn)) == 3


def test_settings_switch_rules_off(index):
    question = "Apple in Q3 2022, English documents"
    assert in_words(asked(index, question, times=False, language=False).query.filter) == (
        "company = Apple Inc."
    )
    assert (
        in_words(asked(index, question, keys=("year",), language=False).query.filter)
        == "year = 2022"
    )
    assert "too many values" in said(asked(index, question, max_values=2))


def test_nobody_learns_of_values_that_they_may_not_read(index):
    secret = Acl(public=False, users=("ann",))
    put(index, "secret", "Project Falcon 猎鹰", {"project": "Falcon"}, acl=secret)
    stranger = asked(index, "the Falcon project", asker=Asker("bob", trusted=False))
    assert (stranger.query.filter, stranger.notes) == (None, ())
    assert names(index, asked(index, "the Falcon project", asker=Asker("ann"))) == ["secret"]


@pytest.mark.parametrize(
    "question, found",
    [
        ("Ann Lee and ann lee's", ["Ann Lee", "ann lee"]),
        ("Annlee", []),
        ("李安的电影", ["李安"]),
        ("version 3 of it", ["version 3"]),
        ("Ann-Lee Smith", ["Ann-Lee Smith"]),
    ],
)
def test_names_are_whole_words_longest_first(question, found):
    values = {"author": ["Ann Lee", "Ann-Lee Smith", "李安", "Smith", "the"], "version": [3]}
    assert [one.said for one in Vocabulary(values).mentions(plain(question))] == found
