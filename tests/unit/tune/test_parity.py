"""Agreement of replies: what is counted, and what is called good."""

import pytest

from surefoot.core.errors import DataError
from surefoot.core.roles import Message
from surefoot.testing.fakes import FakeChat
from surefoot.tune.parity import TOLERANCES, Spoken, agreement, parity

PROMPTS = [[Message("user", text)] for text in ("one", "two", "三", "四")]


@pytest.mark.parametrize(
    ("first", "second", "share"),
    [
        ([], [], 1.0),
        ([1, 2, 3, 4], [1, 2, 3, 4], 1.0),
        ([1, 2, 3, 4], [1, 2, 9, 4], 0.5),
        ([1, 2], [1, 2, 3, 4], 0.5),
        ([1, 2], [], 0.0),
        ([9, 2], [1, 2], 0.0),
    ],
)
def test_tokens_before_the_first_difference_count(first, second, share):
    assert agreement(first, second) == agreement(second, first) == share


def test_the_mean_is_held_against_the_tolerance():
    replies = {"one": [1, 2], "two": [1, 9], "三": [3], "四": []}
    trained = {**replies, "two": [1, 2]}
    found = parity(
        "gguf",
        "engine",
        lambda messages: trained[messages[0].content],
        lambda messages: replies[messages[0].content],
        PROMPTS,
        0.875,
    )
    assert (found.agreement, found.same, found.prompts) == (0.875, 0.75, 4)
    assert found.good
    worse = parity("gguf", "engine", lambda m: [1], lambda m: [2], PROMPTS, 0.875)
    assert (worse.good, worse.agreement, worse.same) == (False, 0, 0)


def test_without_prompts_nothing_is_good():
    with pytest.raises(DataError, match="no prompts"):
        parity("gguf", "engine", lambda m: [1], lambda m: [1], [], 0.5)


@pytest.mark.parametrize("text", ["Alder opens at nine.", "桦林镇九点开门。"])
def test_a_chat_model_is_heard_in_tokens(text):
    model = FakeChat([f" {text}\n"])
    spoken = Spoken(model, lambda said: [ord(letter) for letter in said], max_tokens=70)
    assert spoken(PROMPTS[0]) == [ord(letter) for letter in text]
    assert model.asked[0][1].max_tokens == 70


def test_every_form_has_a_tolerance():
    assert set(TOLERANCES) == {"peft", "safetensors", "gguf-adapter", "gguf"}
