"""What is said in English is told in Chinese: every note of a stage, every check, every reason a document failed."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from pydantic import BaseModel, Field, ValidationError
from pydantic_core._pydantic_core import list_all_errors

import surefoot
from surefoot.cli.compare import moment_said
from surefoot.cli.tune_live import told as training_told
from surefoot.config.said import Template, listed, told
from surefoot.config.settings import AppSettings
from surefoot.core.errors import CapReached, ConfigError, MissingError
from surefoot.evaluate.evalsets.places import evalset_file
from surefoot.evaluate.forecast import forecast_of
from surefoot.evaluate.scoring import Row
from surefoot.optimize.compare.settings import Moment
from surefoot.tune.chat.forecast import Paced
from surefoot.tune.events import Event

_ROOT = Path(surefoot.__file__).parent
_HAN = re.compile(r"[一-鿿]")
_NAMES = {"note", "notes", "doubts", "reason", "problem"}


def _template(node: ast.expr) -> str | None:
    """What a string is without its values, `{}` for each; None for what is no string."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
        )
    return None


def _within(node: ast.expr) -> Iterator[str]:
    """The sentences that an expression may come to: of both branches, of each item."""
    found = _template(node)
    if found is not None:
        if re.search(r"[a-z]{2}.* ", found):
            yield found
        return
    parts: list[ast.expr] = []
    if isinstance(node, ast.IfExp):
        parts = [node.body, node.orelse]
    elif isinstance(node, ast.List | ast.Tuple):
        parts = node.elts
    elif isinstance(node, ast.BoolOp):
        parts = node.values
    elif isinstance(node, ast.ListComp | ast.GeneratorExp):
        parts = [node.elt]
    elif isinstance(node, ast.Starred):
        parts = [node.value]
    for part in parts:
        yield from _within(part)


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _notes(tree: ast.Module) -> Iterator[str]:
    """The sentences of a file that become notes: given to one, or put under a name that is made into one."""
    for node in ast.walk(tree):
        given: list[ast.expr] = []
        if isinstance(node, ast.Call):
            called = _name(node.func)
            if called in ("Note", "noted", "say"):
                given = node.args
            elif called == "append" and isinstance(node.func, ast.Attribute):
                given = node.args if _name(node.func.value) in _NAMES else []
            given = [*given, *(word.value for word in node.keywords if word.arg in _NAMES)]
        elif isinstance(node, ast.Assign):
            given = [node.value] if any(_name(one) in _NAMES for one in node.targets) else []
        elif isinstance(node, ast.AugAssign | ast.AnnAssign) and node.value is not None:
            given = [node.value] if _name(node.target) in _NAMES else []
        for one in given:
            yield from _within(one)


@cache
def _trees(room: str) -> tuple[tuple[str, ast.Module], ...]:
    return tuple(
        (str(file.relative_to(_ROOT)), ast.parse(file.read_text(encoding="utf-8")))
        for file in sorted((_ROOT / room).rglob("*.py"))
    )


@cache
def _spoken() -> tuple[Template, ...]:
    """Every text of the source as a template with gaps, and what pydantic says of a value."""
    found: dict[Template, None] = {Template(("Not Found",), ()): None}
    for error in list_all_errors():
        found[_gapped(re.sub(r"\{\w+\}", "{}", error["message_template_python"]))] = None
    for _, tree in _trees("."):
        for node in ast.walk(tree):
            text = _template(node) if isinstance(node, ast.expr) else None
            if text and len(text) < 400:
                found[_gapped(text)] = None
    return tuple(found)


def _gapped(text: str) -> Template:
    words = re.split(r"\{\w*\}", text)
    return Template(tuple(words), tuple(f"g{n}" for n in range(len(words) - 1)))


def _fits(template: Template, text: str) -> bool:
    return template.values(text) is not None


@pytest.mark.parametrize("room", ["retrieve", "generate"])
def test_every_note_of_a_stage_has_its_chinese(room: str) -> None:
    sentences = listed()
    silent = [
        f"{file}: {note}"
        for file, tree in _trees(room)
        for note in dict.fromkeys(_notes(tree))
        if _gapped(note).chars > 6
        if not any(_fits(_gapped(note), english) for english in sentences)
        if told("zh", note.replace("{}", "1")) == note.replace("{}", "1")
    ]
    assert silent == []


@pytest.mark.slow
def test_no_chinese_is_for_a_sentence_that_nobody_says() -> None:
    unsaid = [
        english
        for english in listed()
        if not any(
            0.2 * len(english) < one.chars <= len(english) and _fits(one, english)
            for one in _spoken()
        )
    ]
    assert unsaid == []


def test_every_chinese_sentence_has_the_values_and_is_found_again() -> None:
    for english, chinese in listed().items():
        gaps = sorted(Template.of(english).names)
        assert _HAN.search(chinese), english
        assert sorted(re.findall(r"\{(\w+)\}", chinese)) == gaps, english
        values = {name: f"x{place}" for place, name in enumerate(gaps)}
        assert told("zh", english.format(**values)) == chinese.format(**values)


def test_a_kept_sentence_is_told_with_its_reason_and_its_subject() -> None:
    note = "the keyword search was left out: the time allowed for this question is used up"
    assert told("zh", note) == "关键词检索未能进行：回答这个问题的限时已到"
    assert told("en", note) == note
    assert told("zh", "left out 'who is it': it is no question") == "已省去“who is it”：它不是问题"
    assert told("zh", "part 2: 5 hits") == "part 2：5 个段落"
    assert told("zh", "'Bern' is not taken for city = Bern: the question excludes it") == (
        "未把“Bern”当作 city = Bern：问题把它排除在外"
    )


def test_what_nobody_translated_and_what_people_wrote_stays() -> None:
    assert told("zh", "an engine of one's own failed") == "an engine of one's own failed"
    assert told("zh", "also searched: is encrypted") == "同时检索了：is encrypted"
    assert told("zh", "") == ""
    braces = "also searched: {0.__class__} {text}"
    assert told("zh", braces) == "同时检索了：{0.__class__} {text}"


def test_hostile_text_takes_no_time_and_long_text_stays() -> None:
    hostile = "left out " + ": " * 1500 + "; " * 200
    assert told("zh", hostile).startswith("已省去")
    assert told("zh", "left out a: " + "b" * 5000).startswith("left out")


def test_every_setting_is_told_in_chinese() -> None:
    fields = AppSettings.model_fields.values()
    told_ = [told("zh", field.description) for field in fields if field.description]
    assert [text for text in told_ if not _HAN.search(text)] == []


def _job_lines() -> list[tuple[str, str]]:
    """Lines that the commands behind jobs print, made by them, and words that their Chinese has."""
    rows = [Row(str(i), "怎么退款？", "zh", True, latency_ms=2000) for i in range(6)]
    event = Event(step=3, steps=15, loss=1.2, dev_loss=0.3, tokens=5700, seconds=30.0)
    moment = Moment("training", "lora", 3, 9, elapsed_s=75.0, seconds_left=300.0)
    return [
        (forecast_of(rows, 100).summary(), "100 题约需"),
        (Paced(40, 60_000, 1_000_000, 1234.5, 200.0).summary(), "40 步"),
        (training_told(event), "第 3/15 步  损失 1.200  验证损失 0.300  每秒 190 个 token  还剩"),
        (moment_said(moment), "训练 lora，第 3 种做法（共 9 种）（已用"),
        (
            "note: 22 of 200 questions in en: the documents offer no more",
            "说明：en：200 题中只有 22",
        ),
        ("left out: 43 of 44 questions were not asked", "略去：44 题中有 43 题没有提问"),
        ("stopped: the budget of 1s is used up (1s of 1s); go on with --continue 3e6", "已停止："),
    ]


def test_what_jobs_say_on_the_way_is_told() -> None:
    for line, chinese in _job_lines():
        assert chinese in told("zh", line), line
        assert told("en", line) == line
        left = re.findall(r"[A-Za-z]{4,}", told("zh", line))
        assert set(left) <= {"token", "lora", "continue"}, line


def _refusals() -> list[str]:
    """What a person meets most often who types something wrong, made by the code that refuses it."""

    class Body(BaseModel):
        sample: int = Field(default=1, ge=1)
        name: str = Field(default="a", pattern="^a$")
        minutes: float = 1.0

    found = []
    for wrong in ({"sample": 0}, {"sample": "x"}, {"minutes": "abc"}, {"name": "b"}):
        with pytest.raises(ValidationError) as problem:
            Body.model_validate(wrong)
        [error] = problem.value.errors()
        found.append(f"{error['loc'][0]}: {error['msg']}")
    with pytest.raises(ConfigError) as unnamed:
        evalset_file(Path(), "bad name")
    return [*found, unnamed.value.message, str(unnamed.value.hint)]


def test_what_is_refused_is_told() -> None:
    for line in _refusals():
        assert _HAN.search(told("zh", line)), line
        assert told("en", line) == line


def test_an_error_is_told_with_its_remedy() -> None:
    """As a job keeps it: kind, place, message, then what helps."""
    spent = CapReached("the budget of 1s is used up (1s of 1s)", hint="a larger budget")
    assert told("zh", f"CapReached: {spent}").endswith("预算 1s 已用完（1s，上限 1s） | 加大预算")
    missing = MissingError("there is no such eval set", where="nix", hint="known: g2")
    assert told("zh", f"MissingError: {missing}").endswith("nix：没有这个评测集 | 已有的：g2")
    wrong = "surefoot.toml: stages.0.keep: Input should be greater than or equal to 1"
    assert told("zh", f"ConfigError: {wrong}").endswith("stages.0.keep：应不小于 1")
