"""A question by itself is searched in the place of words that need their conversation; guesses are read as passages."""

from dataclasses import replace

import pytest

from surefoot.config.registry import Registry
from surefoot.config.solution import parse_solution, solution_digest
from surefoot.core.roles import Call, DocumentState, IndexedDocument, Parts, Passage
from surefoot.core.types import Chunk, Document, Query, Turn
from surefoot.models.base import ModelEnv
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.retrieve.search import Search, SearchSettings
from surefoot.testing.memory_index import FakeIndex

TEXTS = {
    "en": ("The cafeteria opens at eight.", "Reset your password on the account page."),
    "zh": ("食堂早上八点开门。", "在账户页面重置密码。"),
}
FOLLOW_UPS = {
    "en": ("And when is that?", "When does the cafeteria open?"),
    "zh": ("那是几点？", "食堂几点开门？"),
}


class SpyEncoder:
    """Remembers what it embeds on which side."""

    def __init__(self, folder):
        self._inner = HashEncoder(HashSettings(), ModelEnv(folder))
        self.read = []

    def embed_passages(self, texts):
        self.read.append(("passages", *texts))
        return self._inner.embed_passages(texts)

    def embed_queries(self, texts):
        self.read.append(("queries", *texts))
        return self._inner.embed_queries(texts)


@pytest.fixture(params=["en", "zh"])
def lang(request):
    return request.param


@pytest.fixture
def encoder(tmp_path):
    return SpyEncoder(tmp_path)


@pytest.fixture
def parts(lang, encoder):
    index = FakeIndex()
    for name, text in zip(("food", "account"), TEXTS[lang], strict=True):
        chunk = Chunk(name, name, text, 0, len(text), lang=lang)
        (vector,) = encoder.embed_passages([text])
        document = Document(id=name, uri=name, digest=name, text=text)
        state = DocumentState(name, name, name, "ok")
        index.replace([IndexedDocument(document, state, (Passage(chunk, text, vector),))])
    encoder.read.clear()
    return Parts(lambda: index, lambda: encoder, None, None, None)


def test_the_question_by_itself_is_searched_in_the_place_of_the_words(parts, lang):
    text, standalone = FOLLOW_UPS[lang]
    search = Search(SearchSettings(), parts)
    meant = search(Turn(Query(text, lang, standalone=standalone)), Call())
    said = search(Turn(Query(standalone, lang)), Call())
    assert meant.hits == said.hits
    assert meant.query.text == text


def test_guesses_are_embedded_as_passages_and_not_looked_for_by_words(parts, lang, encoder):
    text, _ = FOLLOW_UPS[lang]
    guess = TEXTS[lang][1]
    found = Search(SearchSettings(), parts)(Turn(Query(text, lang, guesses=(guess, guess))), Call())
    assert encoder.read == [("passages", guess), ("queries", text)]
    best = found.hits[0]
    assert best.chunk.id == "account"
    assert best.signals["guess_cosine"] == pytest.approx(1)
    assert best.signals["guess_vector_rank"] == 1
    assert "bm25" not in best.signals


def test_guesses_without_weight_are_not_embedded(parts, lang, encoder):
    text, _ = FOLLOW_UPS[lang]
    query = Query(text, lang, guesses=(TEXTS[lang][1],))
    settings = SearchSettings(guesses=0)
    found = Search(settings, parts)(Turn(query), Call())
    assert encoder.read == [("queries", text)]
    assert found.hits == Search(settings, parts)(Turn(replace(query, guesses=())), Call()).hits


def test_guesses_share_their_weight():
    aims = Search(SearchSettings(guesses=0.6), None).aims(Query("q", guesses=("a", "b", "c")))
    assert [(aim.text, aim.weight, aim.how) for aim in aims] == [
        ("q", 1.0, "question"),
        *((text, pytest.approx(0.2), "guess") for text in "abc"),
    ]


def test_a_variant_that_is_the_question_by_itself_is_not_searched_twice():
    query = Query("that?", standalone="When?", variants=("When?", "that?"))
    aims = Search(SearchSettings(), None).aims(query)
    assert [aim.text for aim in aims] == ["When?", "that?"]


def test_a_solution_that_says_nothing_of_guesses_keeps_its_digest():
    def digest(stage):
        raw = {"schema": 1, "name": "x", "stages": [stage]}
        solution = parse_solution(raw, Registry(), where="x")
        return solution_digest(solution, lambda what, name: f"{what} {name}")

    assert digest({"kind": "search"}) == digest({"kind": "search", "guesses": 1.0})
    assert digest({"kind": "search"}) != digest({"kind": "search", "guesses": 0.5})
