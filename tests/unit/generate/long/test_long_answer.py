import pytest

from surefoot.config.prompts import Prompts
from surefoot.core.errors import CapReached, TransientError
from surefoot.core.roles import Call, Parts
from surefoot.core.types import Chunk, Hit, Query, Turn
from surefoot.generate.answer import AnswerSettings, AnswerStage
from surefoot.generate.guard import RefusalSettings
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.testing.fakes import FakeChat

BOTH = pytest.mark.parametrize("lang", ["en", "zh"])
TEXTS = {
    "en": [
        "The harbour of Alder was built in 1887 by Lena Holm.",
        "The harbour of Alder has three cranes and a lighthouse.",
        "The ferry to Wen island leaves every forty minutes.",
    ],
    "zh": [
        "桦林港由工程师林海于1887年建成。",
        "桦林港有三台起重机和一座灯塔。",
        "前往文岛的渡轮每四十分钟一班。",
    ],
}
QUESTIONS = {"en": "What is known of the harbour of Alder?", "zh": "关于桦林港有哪些信息？"}
FOUND = {
    "en": ["The harbour was built in 1887 by Lena Holm [1].", "The harbour has three cranes [2]."],
    "zh": ["桦林港由林海于1887年建成[1]。", "桦林港有三台起重机[2]。"],
}
INVENTED = {"en": "The harbour has nine bridges [2].", "zh": "港口有九座大桥[2]。"}
DECLINED = {"en": "The documents do not answer this question.", "zh": "这些文档没有回答这个问题。"}
REPLY = {
    "en": "The harbour was built in 1887 by Lena Holm [1]. The harbour has three cranes [2].",
    "zh": "桦林港由林海于1887年建成[1]。桦林港有三台起重机[2]。",
}


class Frequencies:
    def frequencies(self, terms):
        return [1] * len(terms), 10


def stage(model, **settings):
    encoder = HashEncoder(HashSettings())
    parts = Parts(Frequencies, lambda: encoder, lambda name: model, Prompts().get, lambda raw: None)
    settings = {
        "model": "m",
        "refuse": RefusalSettings(threshold=0),
        "context_tokens": 45,
        **settings,
    }
    return AnswerStage(AnswerSettings(**settings), parts)


def asked(lang):
    hits = tuple(
        Hit(Chunk(f"c{i}", f"d{i}", text, 0, len(text)), 1 / (i + 1), "search")
        for i, text in enumerate(TEXTS[lang])
    )
    return Turn(Query(QUESTIONS[lang], lang), hits)


def notes(turn):
    return [note.message for note in turn.notes]


@BOTH
def test_findings_of_each_group_make_one_answer_with_the_original_passages_cited(lang):
    model = FakeChat([*FOUND[lang], DECLINED[lang], REPLY[lang]])
    turn = stage(model, over="map-reduce")(asked(lang), Call())
    assert turn.answer.text == REPLY[lang]
    assert [(c.number, c.chunk.id, c.supported) for c in turn.answer.citations] == [
        (1, "c0", True),
        (2, "c1", True),
    ]
    assert turn.answer.unsupported == ()
    assert len(model.asked) == 4
    assert turn.answer.usage.calls == 4
    last = model.asked[-1][0][-1].content
    assert all(finding in last for finding in FOUND[lang])
    assert TEXTS[lang][2] not in last


@BOTH
def test_what_no_passage_supports_is_not_passed_on(lang):
    model = FakeChat([FOUND[lang][0], INVENTED[lang], DECLINED[lang], FOUND[lang][0]])
    turn = stage(model, over="map-reduce")(asked(lang), Call())
    assert INVENTED[lang] not in model.asked[-1][0][-1].content
    assert any(note.startswith("group 2 of 3: dropped") for note in notes(turn))


@BOTH
def test_a_group_that_fails_is_left_out_with_a_note(lang):
    model = FakeChat([TransientError("status 503"), FOUND[lang][1], DECLINED[lang], FOUND[lang][1]])
    turn = stage(model, over="map-reduce")(asked(lang), Call())
    assert turn.answer.text == FOUND[lang][1]
    assert any("group 1 of 3 was left out" in note and "503" in note for note in notes(turn))


@BOTH
@pytest.mark.parametrize("over", ["map-reduce", "refine"])
def test_when_every_group_fails_the_answer_is_a_refusal(lang, over):
    turn = stage(FakeChat([TransientError("status 503")]), over=over)(asked(lang), Call())
    assert turn.answer.refused
    assert "the model gave no answer: status 503" in notes(turn)


@BOTH
@pytest.mark.parametrize("over", ["map-reduce", "refine"])
def test_groups_without_an_answer_make_a_refusal(lang, over):
    turn = stage(FakeChat([DECLINED[lang]]), over=over)(asked(lang), Call())
    assert turn.answer.refused
    assert "the model found no answer" in notes(turn)


@BOTH
def test_findings_stand_where_the_answer_cannot_be_written(lang):
    model = FakeChat([*FOUND[lang], DECLINED[lang], TransientError("status 503")])
    turn = stage(model, over="map-reduce")(asked(lang), Call())
    assert turn.answer.text == "\n".join(FOUND[lang])
    assert any("stands as it is" in note for note in notes(turn))


@BOTH
def test_refine_improves_the_answer_with_each_group(lang):
    model = FakeChat([FOUND[lang][0], REPLY[lang], REPLY[lang]])
    turn = stage(model, over="refine", context_tokens=90, max_tokens=45)(asked(lang), Call())
    assert turn.answer.text == REPLY[lang]
    assert [c.chunk.id for c in turn.answer.citations] == ["c0", "c1"]
    assert turn.answer.usage.calls == len(model.asked) >= 2
    assert FOUND[lang][0] in model.asked[1][0][-1].content


@BOTH
def test_refine_keeps_the_answer_that_a_later_group_would_lose(lang):
    model = FakeChat([FOUND[lang][0], DECLINED[lang], INVENTED[lang]])
    turn = stage(model, over="refine", context_tokens=90, max_tokens=45)(asked(lang), Call())
    assert turn.answer.text == FOUND[lang][0]
    assert not turn.answer.refused


@pytest.mark.parametrize("over", ["map-reduce", "refine"])
def test_what_fits_into_one_prompt_is_asked_as_ever(over):
    model = FakeChat([REPLY["en"]])
    turn = stage(model, over=over, context_tokens=3000)(asked("en"), Call())
    plain = FakeChat([REPLY["en"]])
    same = stage(plain, context_tokens=3000)(asked("en"), Call())
    assert model.asked == plain.asked
    assert turn == same


def test_only_the_last_call_of_map_reduce_is_streamed():
    model = FakeChat([*FOUND["en"], DECLINED["en"], REPLY["en"]])
    told = []
    stage(model, over="map-reduce")(asked("en"), Call(on_text=told.append))
    assert "".join(told).strip() == REPLY["en"]


def test_refine_tells_its_answer_at_the_end():
    model = FakeChat([FOUND["en"][0], REPLY["en"]])
    told = []
    stage(model, over="refine", context_tokens=90, max_tokens=45)(
        asked("en"), Call(on_text=told.append)
    )
    assert told == [REPLY["en"]]


def test_the_deadline_leaves_what_was_found():
    times = iter([0.0] * 40)
    replies = [FOUND["en"][0], CapReached("the time is used up")]
    turn = stage(FakeChat(replies), over="map-reduce")(
        asked("en"), Call(deadline_s=10, clock=lambda: next(times, 0.0))
    )
    assert turn.answer.text == FOUND["en"][0]


def test_many_findings_are_combined_in_rounds():
    texts = [
        f"The tower number {i} is {i + 10} metres high and was built of stone." for i in range(12)
    ]
    hits = tuple(
        Hit(Chunk(f"c{i}", f"d{i}", text, 0, len(text)), 1.0, "search")
        for i, text in enumerate(texts)
    )

    class Repeating(FakeChat):
        def chat(self, messages, sampling, on_text=None):
            prompt = messages[-1].content
            known = [i for i in range(12) if f"tower number {i} is" in prompt]
            self._replies = [
                " ".join(
                    f"The tower number {i} is {i + 10} metres high [{i + 1}]." for i in known[:1]
                )
            ]
            return super().chat(messages, sampling, on_text)

    model = Repeating([""])
    turn = stage(model, over="map-reduce", passages=12)(
        Turn(Query("How high are the towers?", "en"), hits), Call()
    )
    assert not turn.answer.refused
    assert 13 < len(model.asked) < 30
    assert turn.answer.citations[0].chunk.id == "c0"


def test_an_endpoint_is_asked_for_several_groups_at_once():
    settings = AnswerSettings(model="http:big", over="map-reduce")
    assert settings.workers_allowed == 4
    assert AnswerSettings(model="m.gguf", over="map-reduce").workers_allowed == 1


def test_prompts_count_only_where_they_are_used():
    assert AnswerSettings(model="m").find == ""
    assert AnswerSettings(model="m", over="map-reduce").combine == "answer/combine"
    assert AnswerSettings(model="m", over="refine").improve == "answer/improve"
