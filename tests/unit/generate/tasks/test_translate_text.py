import pytest

from surefoot.core.errors import TransientError
from surefoot.core.roles import Call
from surefoot.core.types import Query, Turn
from surefoot.generate.tasks.blocks import blocks
from surefoot.generate.tasks.keeping import lost
from surefoot.generate.tasks.translate_text import TranslateSettings, TranslateText
from surefoot.testing.fakes import FakeChat

MARKDOWN = """# Opening hours

The harbour opens at 9.
It closes at 18.

- Tickets cost **12** crowns
  1. Ask at `desk`

| day | hours |
|-----|-------|
| Monday | 9 |

```sh
echo hello
```

> Bring 3 euros
"""


def translate(parts, model, text, **settings):
    stage = TranslateText(TranslateSettings(model="m", **settings), parts(model))
    return stage(Turn(Query(text)), Call())


def test_blocks_lose_no_character():
    assert "".join(block.text for block in blocks(MARKDOWN)) == MARKDOWN
    assert [block.text for block in blocks(MARKDOWN) if not block.kept] == [
        "Opening hours",
        "The harbour opens at 9.\nIt closes at 18.",
        "Tickets cost **12** crowns",
        "Ask at `desk`",
        "day",
        "hours",
        "Monday",
        "Bring 3 euros",
    ]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (
            "The harbour was built in 1887 for 12 million crowns.",
            "港口建于1887年，耗资1200万克朗。",
        ),
        ("图书馆上午9点开门，门票12元。", "The library opens at 9; a ticket costs 12 yuan."),
        ("Run `make x` and see https://a.example/b.", "运行 `make x`，见 https://a.example/b。"),
    ],
)
def test_a_translation_that_keeps_numbers_code_and_addresses_is_right(source, target):
    assert lost(source, target) == []


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        ("Built in 1887.", "建于1878年。", "1887"),
        ("门票12元，每人3件。", "A ticket costs 12 yuan.", "3"),
        ("Run `make x` now.", "现在运行。", "`make x`"),
        ("See https://a.example/b now.", "现在看。", "https://a.example/b"),
        ("A **bold** word.", "一个粗体词。", "bold"),
    ],
)
def test_what_is_lost_is_named(source, target, reason):
    assert any(reason in one for one in lost(source, target))


def test_marks_of_lines_tables_and_code_stay_where_they_are(parts):
    model = FakeChat(
        ["开放时间", "港口9点开门，18点关门。", "门票**12**克朗", "问`desk`"]
        + ["译文"] * 3
        + ["带3欧元"]
    )
    answer = translate(parts, model, MARKDOWN.strip()).answer
    assert answer.text.startswith(
        "# 开放时间\n\n港口9点开门，18点关门。\n\n- 门票**12**克朗\n  1. 问`desk`\n\n| 译文 | 译文 |"
    )
    assert "```sh\necho hello\n```" in answer.text
    assert answer.text.endswith("> 带3欧元")
    assert answer.unsupported == ()


def test_a_lost_number_is_asked_for_once_more(parts):
    model = FakeChat(["港口建于1878年。", "港口建于1887年。"])
    turn = translate(parts, model, "The harbour was built in 1887.")
    assert turn.answer.text == "港口建于1887年。"
    assert "1887" in model.asked[1][0][-1].content
    assert "第一次" in model.asked[1][0][-1].content
    assert turn.notes == ()


def test_a_number_that_stays_lost_is_said(parts):
    turn = translate(parts, FakeChat(["The harbour is old."]), "港口建于1887年。")
    assert turn.answer.unsupported
    assert "does not keep everything" in turn.notes[0].message
    assert not turn.answer.refused


def test_a_part_that_fails_stays_as_it_was(parts):
    model = FakeChat(["港口很老。", TransientError("status 503"), "渡轮很慢。"])
    turn = translate(
        parts, model, "The harbour is old.\n\nThe bridge is new.\n\nThe ferry is slow."
    )
    assert turn.answer.text == "港口很老。\n\nThe bridge is new.\n\n渡轮很慢。"
    assert "not translated" in turn.notes[0].message


def test_where_nothing_could_be_translated_it_is_a_refusal(parts):
    turn = translate(parts, FakeChat([TransientError("status 503")]), "The harbour is old.")
    assert turn.answer.refused


def test_what_is_in_the_language_already_is_left_alone(parts):
    model = FakeChat(["x"])
    assert translate(parts, model, "港口很老。", to="zh").answer.text == "港口很老。"
    assert model.asked == []


def test_a_reply_in_the_wrong_language_is_asked_for_again_and_said(parts):
    model = FakeChat(["The harbour is very old indeed."])
    turn = translate(parts, model, "The harbour is very old.")
    assert len(model.asked) == 2
    assert turn.answer.unsupported == ("the translation is not in Chinese",)


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ("桦林港上午九点开门，门票免费。", "The text stands"),
        ("The harbour opens early, and tickets are free.", "文字位于"),
    ],
)
def test_a_reply_that_repeats_its_instructions_is_no_translation(text, frame, parts):
    def echoed(messages):
        said = messages[-1].content
        return said[said.index(frame) :].split(")")[0]

    turn = translate(parts, FakeChat(echoed), text)
    assert turn.answer.refused
    assert "repeats its instructions" in turn.notes[-1].message
