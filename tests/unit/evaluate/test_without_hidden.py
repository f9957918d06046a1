import pytest

from surefoot.core.errors import ConfigError
from surefoot.core.types import EvalCase
from surefoot.evaluate.evalsets import make_evalset
from surefoot.evaluate.hidden import HIDDEN, without_hidden

SEEN = {"en": "How long is leave?", "zh": "假期有多长？"}
SENTENCE = {"en": "Leave lasts sixteen weeks.", "zh": "假期为十六周。"}


@pytest.fixture(params=["en", "zh"])
def cases(request) -> list[EvalCase]:
    lang = request.param
    place = {HIDDEN: {"doc": "leave.md", "start": 0, "end": 9}}
    return [EvalCase("a", SEEN[lang], lang), EvalCase("b", SENTENCE[lang], lang, meta=place)]


def test_questions_that_are_sentences_are_left_out_and_counted(cases) -> None:
    found, said = without_hidden(make_evalset("staff", cases))
    assert [case.id for case in found.cases] == ["a"]
    assert said[0].startswith("1 question")


def test_a_set_without_them_stays_as_it_is(cases) -> None:
    whole = make_evalset("staff", cases[:1])
    assert without_hidden(whole) == (whole, ())


def test_a_set_of_nothing_else_is_refused(cases) -> None:
    with pytest.raises(ConfigError, match="every question is a sentence"):
        without_hidden(make_evalset("staff", cases[1:]))
