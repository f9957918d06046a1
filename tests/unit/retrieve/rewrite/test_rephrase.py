import pytest

from surefoot.core.errors import ConfigError, TransientError
from surefoot.core.roles import Call
from surefoot.core.types import Query, Turn
from surefoot.retrieve.rewrite.hyde import HydeSettings
from surefoot.retrieve.rewrite.rephrase import Rephrase, RephraseSettings
from surefoot.retrieve.rewrite.weakness import likeliest
from surefoot.retrieve.search import SearchSettings
from surefoot.testing.contracts_stage import StageContract
from surefoot.testing.fakes import FakeChat

WEAK = {"en": "What would the boat set me back?", "zh": "坐船过去得花多少？"}
BETTER = {"en": "What does a ticket for the ferry cost?", "zh": "渡轮的船票价格是多少？"}
STRONG = {
    "en": "What does a ticket for the ferry to Wen island cost?",
    "zh": "前往文岛的渡轮船票价格是多少？",
}
RIGHT = {"en": "en-0", "zh": "zh-2"}


def rephrased(parts, question, lang, *replies, **settings):
    stage = Rephrase(RephraseSettings(model="m", **settings), parts(*replies))
    return stage(Turn(Query(question, lang)), Call())


def own(turn):
    return [note.message for note in turn.notes if note.stage == "rephrase"]


class TestRephraseContract(StageContract):
    @pytest.fixture
    def stage(self, parts, lang):
        return Rephrase(RephraseSettings(model="m", threshold=1), parts(BETTER[lang]))

    @pytest.fixture
    def turn(self, lang):
        return Turn(Query(WEAK[lang], lang))


def test_strong_evidence_costs_no_model(parts, lang):
    chat = FakeChat(["never"])
    after = rephrased(parts, STRONG[lang], lang, chat)
    assert not chat.asked
    assert after.hits[0].chunk.id == RIGHT[lang]
    assert not after.notes


def test_weak_evidence_is_searched_again_in_other_words(parts, lang):
    after = rephrased(parts, WEAK[lang], lang, BETTER[lang])
    assert after.query.variants == (BETTER[lang],)
    assert after.hits[0].chunk.id == RIGHT[lang]
    assert "weak evidence" in own(after)[0]


def test_a_model_that_fails_leaves_the_first_hits(parts, lang):
    first = rephrased(parts, WEAK[lang], lang, "never", threshold=0, threshold_across=0)
    after = rephrased(parts, WEAK[lang], lang, TransientError("busy"))
    assert after.hits == first.hits
    assert after.query == first.query
    assert "weak evidence" in own(after)[0]
    assert "busy" in own(after)[1]


def test_another_stage_may_widen_the_question(parts, lang):
    guess = "A ticket for the ferry costs 9 crowns." if lang == "en" else "渡轮的船票为九元一张。"
    after = rephrased(parts, WEAK[lang], lang, guess, by=HydeSettings(model="m"))
    assert after.query.guesses == (guess,)
    assert after.hits[0].chunk.id == RIGHT[lang]
    assert "guess_cosine" in after.hits[0].signals


def test_stages_must_search_and_what_widens_must_change_the_query(parts):
    with pytest.raises(ConfigError, match="must change the query"):
        rephrased(parts, "x", "en", "y", by=SearchSettings())
    with pytest.raises(ConfigError, match="must search"):
        rephrased(parts, "x", "en", "y", stages=(HydeSettings(model="m"),))


def test_how_likely_the_best_hit_is_depends_on_words_in_one_script(parts, lang):
    given = parts("never")
    found = Rephrase(RephraseSettings(model="m", threshold=0, threshold_across=0), given)
    chances = {}
    for name, questions in (("weak", WEAK), ("strong", STRONG)):
        query = Query(questions[lang], lang)
        best = likeliest(query, found(Turn(query), Call()).hits, given)
        chances[name] = best.chance
        if name == "strong":
            assert not best.across
    assert chances["weak"] < 0.4 < chances["strong"]
    assert likeliest(Query("x"), (), given).chance == 0
