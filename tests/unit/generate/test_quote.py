from dataclasses import replace

import pytest

from surefoot.config.registry import Registry
from surefoot.config.solution import parse_solution
from surefoot.core.errors import ConfigError
from surefoot.core.roles import Call
from surefoot.core.types import Query, Turn
from surefoot.testing.contracts_stage import StageContract

ANSWERED = [
    ("How many days of annual leave does everyone have?", "leave", "25 days"),
    ("What may a hotel cost a night?", "travel", "140 euros"),
    ("Where do visitors park?", "parking", "roof"),
    ("每位员工每年有多少天年假？", "请假", "二十五天"),
    ("酒店每晚不超过多少元？", "差旅", "九百元"),
    ("访客把车停在哪里？", "停车", "楼顶"),
]
UNANSWERED = [
    "Which vaccine protects against tetanus?",
    "Who painted the ceiling of the chapel in Rome?",
    "哪种疫苗可以预防破伤风？",
    "珠穆朗玛峰的海拔是多少米？",
]


def ask(house, question, **settings):
    return house.quote(**settings)(house.turn(question), Call()).answer


@pytest.mark.parametrize(("question", "document", "words"), ANSWERED)
def test_the_sentence_that_answers_is_quoted_first_of_all(house, question, document, words):
    answer = ask(house, question, sentences=1)
    assert not answer.refused
    assert words in answer.text
    assert [citation.chunk.document_id for citation in answer.citations] == [document]


@pytest.mark.parametrize("question", [question for question, _, _ in ANSWERED])
def test_every_citation_reads_what_the_document_reads(house, question):
    documents = {document.id: document for document in house.index.documents()}
    answer = ask(house, question)
    assert 1 <= len(answer.citations) <= 3
    for citation in answer.citations:
        source = documents[citation.chunk.document_id].text
        assert source[citation.source_start : citation.source_end] == citation.quote
        assert answer.text[citation.start : citation.end] == citation.quote
        assert answer.text[citation.end :].startswith(f" [{citation.number}]")


@pytest.mark.parametrize("question", [ANSWERED[0][0], ANSWERED[3][0]])
def test_the_likeliest_document_comes_first_and_each_keeps_its_order(house, question):
    turn = house.turn(question)
    answer = house.quote(sentences=8, least=0)(turn, Call()).answer
    best = house.quote(sentences=1)(turn, Call()).answer.citations[0]
    documents = [citation.chunk.document_id for citation in answer.citations]
    order = list(dict.fromkeys(documents))
    assert order[0] == best.chunk.document_id
    places = [(order.index(c.chunk.document_id), c.source_start) for c in answer.citations]
    assert places == sorted(places)
    assert [c.number for c in answer.citations] == list(range(1, len(places) + 1))


@pytest.mark.parametrize("question", UNANSWERED)
def test_what_the_documents_do_not_say_is_refused_in_the_language_of_the_question(house, question):
    answer = ask(house, question)
    assert answer.refused
    assert answer.confidence is not None
    assert answer.confidence < 0.5
    assert ("文档没有回答" in answer.text) == ("？" in question)
    assert answer.citations
    for citation in answer.citations:
        assert answer.text[citation.start : citation.end] == f"[{citation.number}]"
        at = citation.source_start - citation.chunk.start
        assert citation.chunk.text[at : at + len(citation.quote)] == citation.quote


def test_a_threshold_of_nought_never_refuses_and_one_of_one_always(house):
    assert not ask(house, UNANSWERED[0], refuse={"threshold": 0}).refused
    assert ask(house, ANSWERED[0][0], refuse={"threshold": 1}).refused


def test_weights_in_the_solution_replace_those_that_come_along(house):
    always = {"threshold": 0.5, "weights": {"bias": 20.0}}
    assert ask(house, UNANSWERED[0], refuse=always).confidence > 0.99


@pytest.mark.parametrize("question", [ANSWERED[1][0], ANSWERED[4][0], UNANSWERED[0]])
def test_the_same_turn_gives_the_same_answer(house, question):
    assert ask(house, question) == ask(house, question)


def test_without_hits_the_answer_is_a_refusal_and_a_note_says_why(house):
    for text in ("What is this?", "这是什么？"):
        turn = house.quote()(Turn(Query(text)), Call())
        assert turn.answer.refused
        assert turn.answer.citations == ()
        assert "no passage" in turn.notes[0].message


def test_long_sentences_are_cut_to_the_limit(house):
    for question, unit in ((ANSWERED[0][0], str.split), (ANSWERED[3][0], list)):
        answer = ask(house, question, max_words=5, max_chars=10)
        limit = 5 if unit is str.split else 10
        assert all(len(unit(citation.quote)) <= limit for citation in answer.citations)


@pytest.mark.parametrize("question", [ANSWERED[0][0], ANSWERED[3][0]])
def test_unlikely_sentences_are_left_out_but_never_the_best(house, question):
    def count(least):
        return len(ask(house, question, sentences=8, least=least).citations)

    assert count(0.99) == 1
    assert count(0.99) <= count(0.02) < count(0) == 8


def test_chunks_that_overlap_are_not_quoted_twice(house):
    turn = house.turn(ANSWERED[0][0])
    doubled = replace(turn, hits=tuple(hit for hit in turn.hits for _ in range(2)))
    assert house.quote(hits=12)(doubled, Call()).answer.text.count("25 days") == 1


def test_few_sentences_are_embedded_however_much_was_found(house):
    embedded = []

    class Counting:
        digest = house.encoder.digest

        def embed_queries(self, texts):
            return house.encoder.embed_queries(texts)

        def embed_passages(self, texts):
            embedded.append(len(texts))
            return house.encoder.embed_passages(texts)

    stage = house.quote(candidates=4)
    stage._parts = replace(house.parts(), encoder=lambda: Counting())
    stage(house.turn(ANSWERED[0][0], limit=10), Call())
    assert embedded == [4]


def test_its_text_can_be_streamed(house):
    said = []
    stage = house.quote()
    answer = stage(house.turn(ANSWERED[0][0]), Call(on_text=said.append)).answer
    assert "".join(said) == answer.text


@pytest.mark.parametrize("weights", [{"coverage": 1.0}, {"bias": 1.0, "coverge": 1.0}])
def test_weights_that_mean_nothing_are_refused_by_name(weights):
    stage = {"kind": "quote", "refuse": {"weights": weights}}
    with pytest.raises(ConfigError, match=r"refuse\.weights.*needs bias"):
        parse_solution({"schema": 1, "stages": [stage]}, Registry())


class TestQuoteKeepsTheContract(StageContract):
    question = ANSWERED[0][0]

    @pytest.fixture
    def stage(self, house):
        return house.quote()

    @pytest.fixture
    def turn(self, house):
        return house.turn(self.question)


class TestQuoteKeepsTheContractInChinese(TestQuoteKeepsTheContract):
    question = ANSWERED[3][0]


class TestRefusalKeepsTheContract(TestQuoteKeepsTheContract):
    question = UNANSWERED[1]
