import pytest

from surefoot.config.registry import Registry
from surefoot.config.solution import parse_solution
from surefoot.core.errors import ConfigError
from surefoot.optimize.compare.arms import Wanted, arm_solution, frame_of
from surefoot.optimize.compare.methods import Means, parse_methods, possible
from surefoot.optimize.compare.result import METHODS, SEARCHING

PRESENT = {
    "schema": 1,
    "name": "support",
    "corpus": {"sources": [{"kind": "folder", "path": "docs"}]},
    "stages": [
        {"kind": "search", "keyword": 10},
        {
            "kind": "answer", "model": "old.gguf", "reply": "plain", "max_tokens": 40, "passages": 2,
            "examples": {"file": "old.jsonl"}, "thinking": True, "adapter": "old",
        },
    ],
}  # fmt: skip
ALL = Means(searches=True, train=True, sourced=True, local=True, torch=True)


def made(method, present=PRESENT):
    frame = frame_of(present)
    return arm_solution(frame, Wanted(method, "base.gguf", "rows.jsonl", 5, 160))


@pytest.mark.parametrize("method", METHODS)
def test_every_arm_is_a_complete_solution_with_the_same_answer_stage(method):
    solution = parse_solution(made(method), Registry())
    answer = solution.stages[-1]
    assert (answer.kind, answer.model, answer.reply, answer.passages) == (
        "answer", "base.gguf", "plain", 2,
    )  # fmt: skip
    assert answer.adapter == ""
    assert (solution.corpus is not None) is (method in SEARCHING)
    assert [stage.kind for stage in solution.stages[:-1]] == (
        ["search"] if method in SEARCHING else []
    )


def test_what_an_arm_has_of_its_own_is_not_taken_from_the_present_solution():
    assert "examples" not in made("prompt")["stages"][-1]
    assert "thinking" not in made("rag")["stages"][-1]
    shown = made("nearest")["stages"][-1]["examples"]
    assert shown == {"file": "rows.jsonl", "mode": "nearest", "count": 5}
    assert made("fewshot")["stages"][-1]["examples"]["mode"] == "fixed"


def test_thinking_has_room_beside_the_answer():
    assert made("cot")["stages"][-1]["max_tokens"] == 200
    assert made("prompt")["stages"][-1]["max_tokens"] == 40


def test_a_solution_that_quotes_is_answered_by_a_chat_model():
    present = {**PRESENT, "stages": [{"kind": "search"}, {"kind": "quote"}]}
    assert made("rag", present)["stages"] == [
        {"kind": "search"},
        {"kind": "answer", "model": "base.gguf"},
    ]


def test_a_route_is_no_single_method():
    route = {"kind": "route", "ways": [{"stages": [{"kind": "answer"}]}]}
    with pytest.raises(ConfigError, match="no single method"):
        frame_of({**PRESENT, "stages": [{"kind": "search"}, route]})


def test_all_methods_are_possible_where_there_is_everything():
    assert possible(METHODS, ALL) == (METHODS, {})


@pytest.mark.parametrize(
    ("lacking", "left_out"),
    [
        ("searches", {"rag", "lora+rag", "full+rag"}),
        ("train", {"fewshot", "nearest", "lora", "full", "lora+rag", "full+rag"}),
        ("sourced", {"lora+rag", "full+rag"}),
        ("local", {"lora", "full", "lora+rag", "full+rag"}),
        ("torch", {"lora", "full", "lora+rag", "full+rag"}),
    ],
)
def test_what_lacks_its_means_is_left_out_with_a_reason(lacking, left_out):
    means = Means(**{name: name != lacking for name in Means.__slots__})
    kept, why = possible(METHODS, means)
    assert set(why) == left_out
    assert all(why.values())
    assert set(kept) == set(METHODS) - left_out


def test_methods_are_read_in_the_order_of_their_cost():
    assert parse_methods("lora+rag, prompt,rag") == ("prompt", "rag", "lora+rag")
    assert parse_methods("") == METHODS
    with pytest.raises(ConfigError, match="'ragg' is no method"):
        parse_methods("ragg")
