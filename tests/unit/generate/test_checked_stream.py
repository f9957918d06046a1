"""What is streamed of an answer is that answer, and a sentence that no passage supports causes what was asked for."""

import random

import pytest

from surefoot.config.prompts import Prompts
from surefoot.core.errors import ConfigError, TransientError
from surefoot.core.roles import Call, Parts, Reply
from surefoot.core.types import Chunk, Hit, Query, Turn, Usage
from surefoot.generate.answer import AnswerSettings, AnswerStage
from surefoot.generate.guard import RefusalSettings
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.testing.fakes import FakeChat, FakeScoringChat

TEXTS = {
    "en": "The library opens at nine. On Saturdays the library closes at noon.",
    "zh": "图书馆上午九点开门。图书馆周六中午十二点关门。",
}
QUESTIONS = {"en": "When does the library close on Saturdays?", "zh": "图书馆周六几点关门？"}
RIGHT = {
    "en": "On Saturdays the library closes at noon [1].",
    "zh": "图书馆周六中午十二点关门[1]。",
}
WRONG = {"en": "The library burnt down in 1666 [1].", "zh": "图书馆于1666年被烧毁[1]。"}
DECLINED = {"en": "The documents do not answer this question.", "zh": "这些文档没有回答这个问题。"}
PIECES = {
    "en": [RIGHT["en"], WRONG["en"], DECLINED["en"], "The library opens at nine.", "1. ", "- ", "[1]", "\n", "\n\n",
           "Note:", "`code [1]` is here.", "The library opens at nine [1, 7].", "**Bold.**", "and so on and on ",
           "again and again. " * 20, "Dr. Holm came", "<think>Hm. [1]</think>", "!", "E.g. [1]"],
    "zh": [RIGHT["zh"], WRONG["zh"], DECLINED["zh"], "图书馆上午九点开门。", "1、", "- ", "【1】", "\n", "\n\n",
           "注意：", "`代码[1]`在此。", "图书馆上午九点开门[1，7]。", "**粗体。**", "等等等等", "一样的话。" * 20,
           "<think>嗯。[1]</think>", "！", "林海来了"],
}  # fmt: skip
BOTH = pytest.mark.parametrize("lang", ["en", "zh"])


class Frequencies:
    def frequencies(self, terms):
        return [1] * len(terms), 10


class FakeBroken(FakeChat):
    """Breaks off after so many tokens."""

    def __init__(self, reply, tokens):
        super().__init__([reply])
        self.tokens = tokens

    def chat(self, messages, sampling, on_text=None):
        left = [self.tokens]

        def told(text):
            if not left[0]:
                raise TransientError("the line is dead")
            left[0] -= 1
            on_text(text)

        return super().chat(messages, sampling, told)


def no_corpus():
    raise ConfigError("this solution has no [corpus]")


def ask(model, lang, *, call=None, checker=None, index=Frequencies, **settings):
    encoder = HashEncoder(HashSettings())
    models = {"m": model, "checker": checker}
    parts = Parts(index, lambda: encoder, models.get, Prompts().get, lambda raw: None)
    given = {"model": "m", "refuse": RefusalSettings(threshold=0), **settings}
    text = TEXTS[lang]
    hits = (Hit(Chunk("c", "d", text, 0, len(text)), 1.0, "search"),)
    turn = Turn(Query(QUESTIONS[lang], lang), hits if index is Frequencies else ())
    return AnswerStage(AnswerSettings(**given), parts)(turn, call or Call())


def notes(turn):
    return [note.message for note in turn.notes]


@BOTH
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"on_unsupported": "drop"},
        {"on_unsupported": "retry"},
        {"reply": "plain"},
        {"thinking": True},
        {"max_tokens": 12},
        {"refusal": "No."},
        {"index": no_corpus},
    ],
)
@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(n, marks=pytest.mark.slow) for n in range(2, 8))]
)
def test_what_is_streamed_is_the_answer(lang, settings, seed):
    draw = random.Random(f"{lang}{sorted(map(str, settings))}{seed}")
    for _ in range(4):
        space = draw.choice([" ", "", "\n"])
        said = space.join(draw.choices(PIECES[lang], k=draw.randint(0, 7)))
        for model in (FakeChat([said]), FakeBroken(said, draw.randint(0, 40))):
            heard = []
            turn = ask(model, lang, call=Call(on_text=heard.append), **settings)
            assert "".join(heard) == turn.answer.text, said
            again = type(model)(said, model.tokens) if model.__class__ is FakeBroken else model
            assert ask(again, lang, **settings).answer.text == turn.answer.text


@BOTH
def test_a_sentence_is_told_before_the_reply_ends(lang):
    heard, seen = [], []

    class FakeSlow(FakeChat):
        def chat(self, messages, sampling, on_text=None):
            for piece in (
                RIGHT[lang],
                " ",
                WRONG[lang],
                " ",
                RIGHT[lang],
                " ",
                "Nine.",
                " ",
                WRONG[lang],
            ):
                on_text(piece)
                seen.append("".join(heard))
            text = " ".join([RIGHT[lang], WRONG[lang], RIGHT[lang], "Nine.", WRONG[lang]])
            return Reply(text, Usage(1, 1, calls=1), "stop")

    turn = ask(FakeSlow([""]), lang, on_unsupported="drop", call=Call(on_text=heard.append))
    assert seen[-1].startswith(RIGHT[lang])
    assert "1666" not in "".join(heard)
    assert "".join(heard) == turn.answer.text


@BOTH
def test_what_broke_off_keeps_the_sentences_before(lang):
    said = f"{RIGHT[lang]} {RIGHT[lang]} {RIGHT[lang]}"
    turn = ask(FakeBroken(said, FakeChat([""]).count_tokens(said) - 2), lang)
    assert not turn.answer.refused
    assert turn.answer.text.startswith(RIGHT[lang])
    assert "the line is dead" in notes(turn)[0]


@BOTH
def test_an_unsupported_sentence_causes_one_more_request(lang):
    model = FakeChat([f"{RIGHT[lang]} {WRONG[lang]}", RIGHT[lang]])
    call = Call()
    turn = ask(model, lang, on_unsupported="retry", call=call)
    assert turn.answer.text == RIGHT[lang]
    assert turn.answer.unsupported == ()
    assert call.meter.usage == turn.answer.usage
    assert turn.answer.usage.calls == 2
    assert "asked again: a sentence was not supported by any passage" in notes(turn)
    said = model.asked[1][0]
    assert [message.role for message in said[-2:]] == ["assistant", "user"]
    assert "1666" in said[-1].content
    assert RIGHT[lang] not in said[-1].content


@BOTH
def test_a_second_reply_that_is_no_better_is_dropped_and_the_model_not_asked_again(lang):
    model = FakeChat([f"{RIGHT[lang]} {WRONG[lang]}", WRONG[lang]])
    turn = ask(model, lang, on_unsupported="retry")
    assert turn.answer.text == RIGHT[lang]
    assert len(model.asked) == 2
    assert any("its first reply counts" in note for note in notes(turn))
    nothing = ask(FakeChat([WRONG[lang]]), lang, on_unsupported="retry")
    assert nothing.answer.refused


@BOTH
def test_a_second_request_that_fails_leaves_what_is_supported(lang):
    model = FakeChat([f"{RIGHT[lang]} {WRONG[lang]}", TransientError("status 503")])
    turn = ask(model, lang, on_unsupported="retry")
    assert turn.answer.text == RIGHT[lang]
    assert any("status 503" in note for note in notes(turn))


@BOTH
def test_a_supported_reply_is_asked_once(lang):
    model = FakeChat([RIGHT[lang]])
    ask(model, lang, on_unsupported="retry")
    assert len(model.asked) == 1


@BOTH
@pytest.mark.parametrize("yes", [True, False])
def test_a_model_that_checks_can_take_support_away(lang, yes):
    said = iter([(-0.1, -3.0)] if yes else [(-3.0, -0.1), (-0.1, -3.0)])
    checker = FakeScoringChat(lambda text, choices: next(said))
    call = Call()
    check = {"model": "checker", "of": "all"}
    turn = ask(FakeChat([RIGHT[lang]]), lang, checker=checker, check=check, call=call)
    assert len(turn.answer.unsupported) == (not yes)
    assert len(checker.asked) == 1 + (not yes)
    assert call.meter.usage.calls == 2 + (not yes)
    assert (
        TEXTS[lang].split("。" if lang == "zh" else ". ")[1].rstrip(".")
        in checker.asked[0][0][-1].content
    )


@BOTH
def test_a_model_that_says_no_to_everything_counts_nothing(lang):
    checker = FakeScoringChat(lambda text, choices: (-3.0, -0.1))
    check = {"model": "checker", "of": "all"}
    turn = ask(FakeChat([RIGHT[lang] * 2]), lang, checker=checker, check=check)
    assert turn.answer.unsupported == ()
    assert [len(checker.asked), len(notes(turn))] == [2, 1]
    assert "denies a sentence its own words" in notes(turn)[0]


@BOTH
def test_a_model_that_checks_is_not_asked_about_what_stands_there_word_for_word(lang):
    checker = FakeScoringChat(lambda text, choices: (-3.0, -0.1))
    ask(FakeChat([RIGHT[lang]]), lang, checker=checker, check={"model": "checker"})
    assert checker.asked == []


@BOTH
def test_a_model_that_checks_saves_no_sentence_that_the_code_refutes(lang):
    checker = FakeScoringChat(lambda text, choices: (-0.1, -3.0))
    check = {"model": "checker", "of": "all"}
    turn = ask(FakeChat([WRONG[lang]]), lang, checker=checker, check=check)
    assert len(turn.answer.unsupported) == 1
    assert checker.asked == []


@BOTH
def test_where_the_model_that_checks_fails_the_code_decides(lang):
    checker = FakeChat([TransientError("status 503")])
    check = {"model": "checker", "of": "all"}
    turn = ask(FakeChat([RIGHT[lang]]), lang, checker=checker, check=check)
    assert turn.answer.unsupported == ()
    assert any("checked in code alone" in note for note in notes(turn))


def test_it_is_asked_about_so_many_sentences_only():
    checker = FakeScoringChat(lambda text, choices: (-0.1, -3.0))
    said = FakeChat([" ".join([RIGHT["en"]] * 5)])
    turn = ask(said, "en", checker=checker, check={"model": "checker", "of": "all", "most": 2})
    assert len(checker.asked) == 2
    assert "a model checked the first 2 sentences only" in notes(turn)


def test_the_defaults_keep_their_digest_and_retry_names_its_prompt():
    assert AnswerSettings(model="m").again == ""
    assert AnswerSettings(model="m", on_unsupported="retry").again == "answer/again"
