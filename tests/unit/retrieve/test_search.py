import pytest

from surefoot.config.base import parse
from surefoot.config.registry import Registry
from surefoot.core.errors import ConfigError, TransientError
from surefoot.core.lang import detect
from surefoot.core.roles import Call, DocumentState, IndexedDocument, Parts, Passage
from surefoot.core.types import Acl, Asker, Chunk, Document, Hit, Query, Turn
from surefoot.models.base import ModelEnv
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.retrieve.arrange.neighbours import Neighbours, NeighboursSettings
from surefoot.retrieve.search import Search, SearchSettings
from surefoot.testing.contracts_stage import StageContract
from surefoot.testing.memory_index import FakeIndex

TEXTS = {
    "en": [
        "The cafeteria opens at eight in the morning.",
        "Reset your password on the account page.",
        "Holidays are asked for two weeks ahead.",
        "The password must have twelve characters.",
    ],
    "zh": [
        "食堂早上八点开门。",
        "在账户页面重置密码。",
        "请提前两周申请休假。",
        "密码至少要有十二个字符。",
    ],
}
QUESTIONS = {"en": "How do I reset my password?", "zh": "如何重置密码？"}


class BrokenIndex(FakeIndex):
    def keyword(self, text, *, limit, scope=None):
        raise TransientError("the full-text index is being rebuilt")


class LuckyIndex(FakeIndex):
    """Finds by keyword what has nothing to do with the question."""

    def keyword(self, text, *, limit, scope=None):
        return [Hit(self.chunks("one")[0], 1.0, "keyword")]


class DeafEncoder:
    def embed_queries(self, texts):
        raise TransientError("the embedding server is busy")


def broken(index):
    other = BrokenIndex()
    other.held = index.held
    return other


@pytest.fixture
def encoder(tmp_path):
    return HashEncoder(HashSettings(), ModelEnv(tmp_path))


def filled(index, encoder, lang, acl=Acl(), texts=None):
    texts = texts or TEXTS[lang]
    vectors = encoder.embed_passages(texts)
    for number, name in enumerate(("one", "two")):
        document = Document(id=name, uri=name, digest=name, text="", acl=acl)
        passages = []
        for i in range(2):
            text = texts[2 * number + i]
            at = 1000 * i
            chunk = Chunk(f"{name}-{i}", name, text, at, at + len(text), index=i, lang=lang)
            passages.append(Passage(chunk, text, vectors[2 * number + i]))
        state = DocumentState(name, name, name, "ok", acl=acl)
        index.replace([IndexedDocument(document, state, tuple(passages))])
    return index


def parts(index, encoder):
    return Parts(lambda: index, lambda: encoder, None, None, None)


def turn(lang, **query):
    return Turn(Query(QUESTIONS[lang], detect(QUESTIONS[lang]), **query))


def names(turn):
    return [hit.chunk.id for hit in turn.hits]


@pytest.fixture(params=["en", "zh"])
def lang(request):
    return request.param


@pytest.fixture
def index(encoder, lang):
    return filled(FakeIndex(), encoder, lang)


class TestSearchContract(StageContract):
    @pytest.fixture
    def stage(self, index, encoder):
        return Search(SearchSettings(), parts(index, encoder))

    @pytest.fixture
    def turn(self, lang):
        return turn(lang)


class TestNeighboursContract(StageContract):
    @pytest.fixture
    def stage(self, index, encoder):
        return Neighbours(NeighboursSettings(before=1, after=1), parts(index, encoder))

    @pytest.fixture
    def turn(self, index, encoder, lang):
        return Search(SearchSettings(keep=1), parts(index, encoder))(turn(lang), Call())


@pytest.mark.parametrize("fusion", ["minmax", "zscore", "rrf"])
def test_what_both_searches_find_comes_first(index, encoder, lang, fusion):
    after = Search(SearchSettings(fusion=fusion), parts(index, encoder))(turn(lang), Call())
    assert names(after)[0] == "one-1"
    assert {hit.by for hit in after.hits} == {"search"}
    assert [hit.score for hit in after.hits] == sorted((h.score for h in after.hits), reverse=True)


def test_signals_explain_each_hit(index, encoder, lang):
    best = Search(SearchSettings(), parts(index, encoder))(turn(lang), Call()).hits[0]
    assert best.signals["keyword_rank"] == best.signals["vector_rank"] == 1
    assert best.signals["bm25"] > 0
    assert 0 < best.signals["cosine"] <= 1.0001


def test_one_side_alone_can_be_chosen(index, encoder, lang):
    only = Search(SearchSettings(vector=0), parts(index, DeafEncoder()))(turn(lang), Call())
    assert names(only)[0] == "one-1"
    assert "cosine" not in only.hits[0].signals
    only = Search(SearchSettings(keyword=0), parts(broken(index), encoder))(turn(lang), Call())
    assert "bm25" not in only.hits[0].signals


def test_a_side_that_fails_for_now_is_left_out_with_a_note(index, encoder, lang):
    after = Search(SearchSettings(), parts(broken(index), encoder))(turn(lang), Call())
    assert names(after)
    assert "keyword search was left out" in after.notes[0].message
    after = Search(SearchSettings(), parts(index, DeafEncoder()))(turn(lang), Call())
    assert names(after)
    assert "vector search was left out" in after.notes[0].message


def test_when_no_side_can_search_it_fails(index, lang):
    with pytest.raises(TransientError):
        Search(SearchSettings(), parts(broken(index), DeafEncoder()))(turn(lang), Call())


def test_keep_limit_and_per_document(index, encoder, lang):
    shared = parts(index, encoder)
    assert len(Search(SearchSettings(keep=2), shared)(turn(lang), Call()).hits) == 2
    assert len(Search(SearchSettings(keep=2), shared)(turn(lang), Call(limit=3)).hits) == 3
    once = Search(SearchSettings(per_document=1), shared)(turn(lang), Call()).hits
    assert sorted(hit.chunk.document_id for hit in once) == ["one", "two"]


def test_variants_are_searched_too(index, encoder, lang):
    other = {"en": "cafeteria opens", "zh": "食堂开门"}[lang]
    plain = Search(SearchSettings(), parts(index, encoder))(turn(lang), Call())
    wider = Search(SearchSettings(), parts(index, encoder))(turn(lang, variants=(other,)), Call())
    score = {hit.chunk.id: hit.score for hit in plain.hits}
    assert {hit.chunk.id: hit.score for hit in wider.hits}["one-0"] > score.get("one-0", 0)


def test_a_variant_weighs_what_the_settings_say(index, encoder, lang):
    other = {"en": "cafeteria opens", "zh": "食堂开门"}[lang]
    asked = turn(lang, variants=(other,))

    def score(weight):
        after = Search(SearchSettings(variants=weight), parts(index, encoder))(asked, Call())
        return {hit.chunk.id: hit.score for hit in after.hits}.get("one-0", 0)

    assert score(0) < score(0.5) < score(2)
    plain = Search(SearchSettings(), parts(index, encoder))(turn(lang), Call())
    without = Search(SearchSettings(variants=0), parts(index, encoder))(asked, Call())
    assert without.hits == plain.hits


def test_several_variants_weigh_together_what_one_does(index, encoder, lang):
    one = {"en": "cafeteria opens", "zh": "食堂开门"}[lang]
    two = {"en": "the cafeteria opens", "zh": "食堂 开门"}[lang]
    search = Search(SearchSettings(variants=1), parts(index, encoder))
    weights = [aim.weight for aim in search.aims(turn(lang, variants=(one, two)).query)]
    assert weights == [1, 0.5, 0.5]


def test_keywords_count_less_where_the_documents_do_not_know_them(encoder, lang):
    other = {"en": "zh", "zh": "en"}[lang]
    texts = [*TEXTS[other][:3], {"en": "我们的 password", "zh": "our 密码"}[lang]]
    index = filled(LuckyIndex(), encoder, other, texts=texts)
    guarded = Search(SearchSettings(guard=0.9), parts(index, encoder))(turn(lang), Call())
    free = Search(SearchSettings(guard=0), parts(index, encoder))(turn(lang), Call())
    scores = [{hit.chunk.id: hit.score for hit in found.hits} for found in (guarded, free)]
    assert scores[0]["one-0"] < scores[1]["one-0"]
    assert scores[0]["two-1"] > scores[1]["two-1"]
    assert "keywords count" in guarded.notes[-1].message
    assert 0 < guarded.hits[0].signals["coverage"] < 0.9
    assert free.notes == ()
    assert "coverage" not in free.hits[0].signals


def test_real_cosines_can_be_given_to_what_only_keywords_found(index, encoder, lang):
    settings = {"vector": 1, "keep": 4}
    plain = Search(SearchSettings(**settings), parts(index, encoder))(turn(lang), Call(limit=1))
    exact = Search(SearchSettings(**settings, exact=True), parts(index, encoder))(
        turn(lang), Call(limit=4)
    )
    assert names(exact)[0] == names(plain)[0]
    assert all("cosine" in hit.signals for hit in exact.hits)


def test_only_what_the_asker_may_read_is_found(encoder, lang):
    index = filled(FakeIndex(), encoder, lang, Acl(public=False, users=("ann",)))
    search = Search(SearchSettings(), parts(index, encoder))
    stranger = Asker(user="bob", trusted=False)
    assert search(turn(lang, asker=stranger), Call()).hits == ()
    assert search(turn(lang, asker=Asker(user="ann", trusted=False)), Call()).hits


def test_neighbours_stay_within_what_the_asker_may_read(index, encoder, lang):
    ann = Asker(user="ann", trusted=False)
    hit = Search(SearchSettings(keep=1), parts(index, encoder))(turn(lang), Call()).hits
    closed = filled(FakeIndex(), encoder, lang, Acl(public=False, users=("eve",)))
    stage = Neighbours(NeighboursSettings(before=1), parts(closed, encoder))
    after = stage(Turn(Query("?", asker=ann), hit), Call())
    assert after.hits == hit


def test_neighbours_read_in_order_around_their_hit(index, encoder, lang):
    found = Search(SearchSettings(keep=1), parts(index, encoder))(turn(lang), Call())
    after = Neighbours(NeighboursSettings(before=1, after=1), parts(index, encoder))(found, Call())
    assert names(after) == ["one-0", "one-1"]
    assert [hit.by for hit in after.hits] == ["neighbours", "search"]
    assert "1 chunks" in after.notes[-1].message


def test_adjoining_hits_are_grouped_and_none_is_dropped(index, encoder, lang):
    found = Search(SearchSettings(), parts(index, encoder))(turn(lang), Call())
    after = Neighbours(NeighboursSettings(max=1, after=1), parts(index, encoder))(found, Call())
    assert sorted(names(after)) == sorted(names(found))
    assert names(after)[:2] == ["one-0", "one-1"]
    assert after.notes == found.notes


def test_settings_are_checked():
    raw = {"kind": "search", "keyword": 0, "vector": 0}
    with pytest.raises(ConfigError, match="cannot both be 0"):
        parse(SearchSettings, raw, Registry(), where="surefoot.toml")
