from dataclasses import replace

from surefoot.optimize.compare.forecast import Sizes, forecast
from surefoot.optimize.compare.result import METHODS, TRAINED

SIZES = Sizes(
    questions=100, question_tokens=20, answer_tokens=20, rows=300, row_tokens=40, shots=5,
    passages=2, threads=2, epochs=2.0, thought_tokens=100,
)  # fmt: skip


def test_only_trained_arms_take_time_to_make_and_the_longest_prompts_most():
    told = forecast(METHODS, SIZES, suites=False)
    assert {method for method, one in told.items() if one.make_s} == TRAINED
    assert told["lora+rag"].make_s > told["lora"].make_s
    assert told["full"].make_s > told["lora"].make_s
    assert told["cot"].ask_s > told["nearest"].ask_s > told["prompt"].ask_s


def test_time_goes_with_weights_threads_and_questions():
    def prompt(sizes, **more):
        return forecast(("prompt",), sizes, **{"suites": False, **more})["prompt"].ask_s

    assert prompt(replace(SIZES, weights=1e9)) > prompt(SIZES)
    assert prompt(replace(SIZES, threads=1)) > prompt(SIZES)
    assert prompt(SIZES, suites=True) > prompt(SIZES)


def test_a_limit_of_tokens_makes_the_trained_arms_alike():
    told = forecast(METHODS, replace(SIZES, most_tokens=5000), suites=False)
    assert told["lora"].make_s == told["lora+rag"].make_s
