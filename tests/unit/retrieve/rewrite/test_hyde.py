import pytest

from surefoot.core.errors import TransientError
from surefoot.core.roles import Call
from surefoot.core.types import Query, Turn
from surefoot.retrieve.rewrite.hyde import Hyde, HydeSettings
from surefoot.testing.contracts_stage import StageContract
from surefoot.testing.fakes import FakeChat

QUESTION = {"en": "How much is the ferry to Wen island?", "zh": "去文岛的渡轮多少钱？"}
GUESS = {
    "en": "A ticket for the ferry to Wen island costs 9 crowns.",
    "zh": "前往文岛的渡轮船票为九元。",
}


def guessed(parts, lang, *replies, **settings):
    stage = Hyde(HydeSettings(model="m", **settings), parts(*replies))
    return stage(Turn(Query(QUESTION[lang], lang)), Call(seed=5))


class TestHydeContract(StageContract):
    @pytest.fixture
    def stage(self, parts, lang):
        return Hyde(HydeSettings(model="m"), parts(GUESS[lang]))

    @pytest.fixture
    def turn(self, lang):
        return Turn(Query(QUESTION[lang], lang))


def test_a_guess_is_taken_and_the_question_stays(parts, lang):
    after = guessed(parts, lang, GUESS[lang])
    assert after.query.guesses == (GUESS[lang],)
    assert not after.query.variants


def test_each_guess_has_its_own_seed_and_the_first_is_the_likeliest(parts, lang):
    chat = FakeChat([GUESS[lang], GUESS[lang], GUESS[lang][:-1] + "!"])
    after = guessed(parts, lang, chat, guesses=3, temperature=0.9)
    drawn = [(sampling.temperature, sampling.seed) for _, sampling in chat.asked]
    assert drawn == [(0.0, 5), (0.9, 6), (0.9, 7)]
    assert after.query.guesses == (GUESS[lang], GUESS[lang][:-1] + "!")


def test_what_is_said_again_and_what_was_cut_is_left_out(parts):
    reply = f"{GUESS['en']} {GUESS['en']} The ferry leaves every forty minutes and"
    after = guessed(parts, "en", reply, max_tokens=30)
    assert after.query.guesses == (GUESS["en"],)


@pytest.mark.parametrize("reply", ["12.", "Это стоит двенадцать крон на пароме."])
def test_what_is_no_passage_is_no_guess(parts, lang, reply):
    after = guessed(parts, lang, reply)
    assert not after.query.guesses
    assert "no guess: the model's reply" in after.notes[0].message


def test_a_model_out_of_reach_is_not_asked_again(parts, lang):
    chat = FakeChat([GUESS[lang], TransientError("busy")])
    after = guessed(parts, lang, chat, guesses=4)
    assert after.query.guesses == (GUESS[lang],)
    assert len(chat.asked) == 2
    assert "busy" in after.notes[0].message
