import pytest

from surefoot.core.lang import detect
from surefoot.core.roles import Call, DocumentState, IndexedDocument, Parts, Passage
from surefoot.core.types import Chunk, Document, Query, Turn
from surefoot.models.base import ModelEnv
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.retrieve.hops.feedback import Feedback, FeedbackSettings
from surefoot.retrieve.search import Search, SearchSettings
from surefoot.testing.contracts_stage import StageContract
from surefoot.testing.memory_index import FakeIndex

TEXTS = {
    "en": [
        "Lighthouses guide ships with a lantern and a lens.",
        "A lantern and a lens warn ships off the coast.",
        "The lens turns, the lantern burns all night.",
        "Bread is baked from flour and water.",
    ],
    "zh": [
        "灯塔用灯笼和透镜引导船只。",
        "灯笼和透镜提醒船只远离海岸。",
        "透镜转动，灯笼整夜燃烧。",
        "面包用面粉和水烤成。",
    ],
}
QUESTIONS = {"en": "What do lighthouses do?", "zh": "灯塔有什么用？"}


@pytest.fixture(params=["en", "zh"])
def lang(request):
    return request.param


@pytest.fixture
def parts(tmp_path, lang):
    encoder, index = HashEncoder(HashSettings(), ModelEnv(tmp_path)), FakeIndex()
    vectors = encoder.embed_passages(TEXTS[lang])
    for i, text in enumerate(TEXTS[lang]):
        name = f"d{i}"
        document = Document(id=name, uri=name, digest=name, text=text)
        chunk = Chunk(f"{name}-0", name, text, 0, len(text), lang=lang)
        state = DocumentState(name, name, name, "ok")
        index.replace([IndexedDocument(document, state, (Passage(chunk, text, vectors[i]),))])
    return Parts(lambda: index, lambda: encoder, None, None, None)


@pytest.fixture
def found(parts, lang):
    query = Query(QUESTIONS[lang], detect(QUESTIONS[lang]))
    return Search(SearchSettings(vector=0), parts)(Turn(query), Call())


def names(turn):
    return [hit.chunk.document_id for hit in turn.hits]


class TestFeedbackContract(StageContract):
    @pytest.fixture
    def stage(self, parts):
        return Feedback(FeedbackSettings(shift=0.2), parts)

    @pytest.fixture
    def turn(self, found):
        return found


def again(parts, **settings):
    return Feedback(FeedbackSettings(search=SearchSettings(vector=0), **settings), parts)


def test_words_of_the_first_hits_find_more(parts, found):
    after = again(parts)(found, Call())
    assert names(found) == ["d0"]
    assert names(after) == ["d0", "d1", "d2"]
    assert {hit.by for hit in after.hits} == {"feedback"}


def test_the_words_are_named_and_their_scores_stand_apart(parts, found, lang):
    after = again(parts)(found, Call())
    assert {"en": "lantern", "zh": "透镜"}[lang] in after.notes[-1].message
    assert after.hits[0].signals["bm25"] == found.hits[0].signals["bm25"]
    assert "bm25" not in after.hits[1].signals
    assert after.hits[1].signals["feedback_bm25"] > 0


def test_without_weight_or_words_the_hits_are_the_second_search_s_own(parts, found):
    for settings in ({"weight": 0}, {"words": 0}):
        assert names(again(parts, **settings)(found, Call())) == names(found)


def test_the_vector_moves_towards_the_hits(parts, found):
    search = SearchSettings(keyword=0)
    plain = Feedback(FeedbackSettings(search=search, words=0), parts)(found, Call())
    moved = Feedback(FeedbackSettings(search=search, words=0, shift=0.9), parts)(found, Call())
    assert names(moved)[0] == "d0"
    assert moved.hits[0].signals["cosine"] > plain.hits[0].signals["cosine"]


def test_nothing_found_leaves_nothing_to_learn_from(parts):
    turn = Turn(Query("?"))
    assert again(parts)(turn, Call()) is turn
