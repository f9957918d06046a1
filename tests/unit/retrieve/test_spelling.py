import pytest

from surefoot.core.lang import detect, terms
from surefoot.core.roles import Call, Parts
from surefoot.core.types import Query, Turn
from surefoot.retrieve.question.spelling import Spelling, SpellingSettings
from surefoot.retrieve.question.typos import edits, homophones
from surefoot.testing.contracts_stage import StageContract

TEXTS = [
    "Reset your password on the account page.",
    "The password must have twelve characters; a manager may reset it.",
    "在账户页面重置密码。",
    "密码至少要有十二个字符，请联系管理员。",
]


class Words:
    """Counts in how many texts a term occurs."""

    def frequencies(self, wanted):
        held = [set(terms(text)) for text in TEXTS]
        return [sum(term in text for text in held) for term in wanted], len(TEXTS)


def stage(**settings):
    return Spelling(SpellingSettings(**settings), Parts(Words, *[None] * 4))


def asked(text):
    return Turn(Query(text, detect(text)))


class TestSpellingContract(StageContract):
    @pytest.fixture
    def stage(self):
        return stage()

    @pytest.fixture(params=["Where is my pasword?", "如何重置米码？"])
    def turn(self, request):
        return asked(request.param)


@pytest.mark.parametrize(
    "question, variant",
    [
        ("Where is my pasword?", "Where is my password?"),
        ("Paswsord and acount", "password and account"),
        ("who is the mangaer", "who is the manager"),
        ("如何重置蜜码？", "如何重置密码？"),
        ("请联系管里员", "请联系管理员"),
    ],
)
def test_mistyped_words_are_put_right(question, variant):
    after = stage()(asked(question), Call())
    assert after.query.variants == (variant,)
    assert after.query.text == question
    assert "->" in after.notes[-1].message


@pytest.mark.parametrize(
    "question",
    [
        "Reset the password!",
        "Where is the zeppelin?",
        "a bc",
        "如何重置密码",
        "哪里有飞艇",
        "pässwörd 12",
        "",
    ],
)
def test_what_is_known_or_like_nothing_stays(question):
    turn = asked(question)
    assert stage()(turn, Call()) is turn


def test_short_words_and_characters_can_be_left_alone():
    assert stage(min_letters=8)(asked("my pasword"), Call()).query.variants == ()
    assert stage(han=False)(asked("如何重置蜜码"), Call()).query.variants == ()


def test_a_swap_is_likelier_than_another_letter_or_start():
    near = edits("pasword")
    assert near["apsword"] < near["password"] < near["psaword"]
    assert near["passord"] < near["password"]
    assert "pasword" not in near


def test_characters_sound_like_those_of_the_same_syllable():
    assert set("蜜秘觅泌") <= set(homophones("密"))
    assert "密" not in homophones("密")
    assert set("座做作坐") <= set(homophones("左"))  # the last syllable
    assert homophones("a") == homophones("鱻") == ""
