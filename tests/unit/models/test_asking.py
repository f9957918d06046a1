from collections.abc import Callable, Sequence
from math import inf

import pytest
from pydantic import BaseModel

from surefoot.core.errors import ConfigError, DataError, SurefootError, TransientError
from surefoot.core.roles import Call, Message, Reply, Sampling
from surefoot.core.types import Usage
from surefoot.models.asking import hear, hear_as, weigh
from surefoot.testing.fakes import FakeScoringChat


class Says:
    """A fake model that says what it is told to."""

    context_tokens = 1000

    def __init__(self, text: str | SurefootError, finish: str = "stop") -> None:
        self.text, self.finish = text, finish
        self.sampling = Sampling()

    def chat(
        self,
        messages: Sequence[Message],
        sampling: Sampling,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply:
        self.sampling = sampling
        if isinstance(self.text, SurefootError):
            raise self.text
        if on_text is not None:
            on_text(self.text)
        return Reply(self.text, Usage(5, 2, calls=1), self.finish)

    def count_tokens(self, text: str) -> int:
        return len(text)

    def close(self) -> None: ...


class Person(BaseModel):
    name: str
    age: int


ASKED = [Message("user", "Who?")]


@pytest.mark.parametrize("said", ["Anna lives in Bern.", "安娜住在伯尔尼。"])
def test_thoughts_are_left_out_and_usage_is_metered(said: str) -> None:
    call, streamed = Call(), []
    heard = hear(Says(f"<think>hm</think>{said}"), ASKED, Sampling(), call, streamed.append)
    assert heard.text == said
    assert call.meter.usage.prompt_tokens == 5
    assert streamed


def test_a_model_that_fails_gives_a_problem() -> None:
    heard = hear(Says(DataError("broken", where="m.gguf")), ASKED, Sampling(), Call())
    assert heard.problem == "the model gave no answer: m.gguf: broken"


def test_a_refused_key_is_raised() -> None:
    with pytest.raises(ConfigError):
        hear(Says(ConfigError("no key")), ASKED, Sampling(), Call())


def test_a_used_up_deadline_gives_a_problem() -> None:
    late = Call(deadline_s=1.0, clock=lambda: 2.0)
    assert "time allowed" in hear(Says("x"), ASKED, Sampling(), late).problem


@pytest.mark.parametrize(
    ("text", "name"),
    [('{"name": "Anna", "age": 3}', "Anna"), ('Here: {"name": "安娜", "age": 3}.', "安娜")],
)
def test_values_of_a_form_are_read(text: str, name: str) -> None:
    model = Says(text)
    found, heard = hear_as(Person, model, ASKED, Sampling(), Call())
    assert found == Person(name=name, age=3)
    assert not heard.problem
    assert model.sampling.schema is not None


@pytest.mark.parametrize(
    ("text", "finish", "said"), [("nonsense", "stop", "form"), ('{"name": "A', "length", "was cut")]
)
def test_what_does_not_fit_the_form_is_a_problem(text: str, finish: str, said: str) -> None:
    found, heard = hear_as(Person, Says(text, finish), ASKED, Sampling(), Call())
    assert found is None
    assert said in heard.problem


@pytest.mark.parametrize(("said", "choices"), [("Yes.", ("Yes", "No")), ("是", ("是", "否"))])
def test_a_model_that_tells_no_chances_is_weighed_by_what_it_says(said, choices) -> None:
    call = Call()
    weighed = weigh(Says(said), ASKED, choices, call)
    assert (weighed.logprobs, weighed.told, weighed.problem) == ((0.0, -inf), False, "")
    assert call.meter.usage.calls == 1


def test_a_model_that_tells_chances_is_believed() -> None:
    call = Call()
    model = FakeScoringChat(lambda text, choices: [-0.5, -1.5])
    weighed = weigh(model, ASKED, ("Yes", "No"), call)
    assert (weighed.logprobs, weighed.told) == ((-0.5, -1.5), True)
    assert call.meter.usage.calls == 1


@pytest.mark.parametrize("said", ["Perhaps.", "也许", DataError("broken"), TransientError("busy")])
def test_what_cannot_be_weighed_is_a_problem(said) -> None:
    weighed = weigh(Says(said), ASKED, ("Yes", "No"), Call())
    assert weighed.problem
    assert weighed.logprobs == ((-inf, -inf) if isinstance(said, str) else ())


def test_nothing_is_weighed_after_the_deadline() -> None:
    model = Says("Yes")
    late = Call(deadline_s=1.0, clock=lambda: 2.0)
    assert "time" in weigh(model, ASKED, ("Yes", "No"), late).problem
    assert late.meter.usage.calls == 0
