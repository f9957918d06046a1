"""What every chat model must do, and every one that scores replies. Inherit, give the fixture `model`, get the tests.

The model has to be one that answers a greeting with at least two tokens; nothing is asked of what it says.
"""

from __future__ import annotations

import json
from math import exp
from typing import Any, ClassVar

import pytest

from surefoot.core.parallel import pmap
from surefoot.core.roles import ChatModel, Message, Sampling, ScoringChat

_SHORT = Sampling(max_tokens=24)
_PERSON: dict[str, Any] = {
    "type": "object",
    "properties": {"name": {"type": "string", "maxLength": 12}},
    "required": ["name"],
    "additionalProperties": False,
}


class ChatContract:
    """The tests; `schemas` is False for a model that cannot be held to a JSON Schema."""

    schemas: ClassVar[bool] = True

    @pytest.fixture
    def model(self) -> ChatModel:
        """The model under test, closed by the fixture that overrides this one."""
        raise NotImplementedError

    @pytest.mark.parametrize("question", ["Say hello to Anna.", "向安娜问好。"])
    def test_answers_and_counts_what_it_used(self, model: ChatModel, question: str) -> None:
        reply = model.chat([Message("user", question)], _SHORT)
        assert reply.text == reply.text.strip()
        assert reply.usage.calls == 1
        assert reply.usage.prompt_tokens > 0
        assert 0 < reply.usage.completion_tokens <= _SHORT.max_tokens
        assert reply.usage.cost >= 0

    def test_what_it_streams_is_what_it_returns(self, model: ChatModel) -> None:
        pieces: list[str] = []
        reply = model.chat([Message("user", "Say hello to Anna.")], _SHORT, pieces.append)
        assert "".join(pieces).strip() == reply.text
        assert len(pieces) > 1

    def test_streamed_or_whole_the_reply_is_the_same(self, model: ChatModel) -> None:
        asked = [Message("system", "Be brief."), Message("user", "Say hello to Anna.")]
        whole = model.chat(asked, _SHORT)
        streamed = model.chat(asked, _SHORT, lambda text: None)  # noqa: ARG005
        assert (streamed.text, streamed.finish) == (whole.text, whole.finish)

    def test_a_reply_that_is_cut_says_so(self, model: ChatModel) -> None:
        reply = model.chat([Message("user", "Count from one to ten.")], Sampling(max_tokens=1))
        assert reply.finish == "length"
        assert reply.usage.completion_tokens == 1

    def test_what_the_receiver_raises_stops_the_reply(self, model: ChatModel) -> None:
        heard: list[str] = []

        def stop(text: str) -> None:
            heard.append(text)
            raise InterruptedError("enough")

        with pytest.raises(InterruptedError, match="enough"):
            model.chat([Message("user", "Count from one to ten.")], _SHORT, stop)
        assert len(heard) == 1
        assert model.chat([Message("user", "Say hello.")], _SHORT).usage.completion_tokens > 0

    def test_a_text_that_should_end_the_reply_ends_it(self, model: ChatModel) -> None:
        asked = [Message("user", "Say hello to Anna.")]
        whole = model.chat(asked, _SHORT).text
        middle = whole[len(whole) // 2 : len(whole) // 2 + 3]
        cut = model.chat(asked, Sampling(max_tokens=24, stop=(middle,)))
        assert middle not in cut.text
        assert whole.startswith(cut.text)

    def test_threads_may_ask_at_once(self, model: ChatModel) -> None:
        asked = [Message("user", "Say hello to Anna.")]
        replies = list(pmap(lambda _: model.chat(asked, _SHORT).text, range(3), workers=3))
        assert len(set(replies)) == 1

    @pytest.mark.parametrize("text", ["four short plain words", "几个简单的词"])
    def test_counts_tokens(self, model: ChatModel, text: str) -> None:
        once, thrice = model.count_tokens(text), model.count_tokens(f"{text}. " * 3)
        assert 0 < once < thrice <= model.context_tokens

    def test_replies_fit_a_schema(self, model: ChatModel) -> None:
        if not self.schemas:
            pytest.skip("this model takes no schema")
        sampling = Sampling(max_tokens=60, schema=_PERSON)
        reply = model.chat([Message("user", "Give a person as JSON.")], sampling)
        assert set(json.loads(reply.text)) == {"name"}


class ScoringContract:
    """For chat models that also tell how likely each of some replies is."""

    @pytest.fixture
    def model(self) -> ScoringChat:
        """The model under test, closed by the fixture that overrides this one."""
        raise NotImplementedError

    @pytest.mark.parametrize("choices", [("Yes", "No"), ("是", "否")])
    def test_each_choice_has_a_log_probability_in_order(
        self, model: ScoringChat, choices: tuple[str, str]
    ) -> None:
        asked = [Message("user", f"Is it raining? 下雨了吗？ {choices[0]}/{choices[1]}")]
        found = model.choice_logprobs(asked, choices)
        swapped = model.choice_logprobs(asked, choices[::-1])
        assert found.told
        assert all(-60 < one <= 0 for one in found.logprobs)
        assert found.logprobs == pytest.approx(swapped.logprobs[::-1], abs=0.3)
        assert (found.usage.calls, found.usage.completion_tokens > 0) == (1, True)
        assert found.usage.prompt_tokens > 0

    def test_all_choices_together_are_certain_at_most(self, model: ScoringChat) -> None:
        asked = [Message("user", "Is it raining? Yes or No")]
        found = model.choice_logprobs(asked, ("Yes", "No", "Maybe"))
        assert 0 < sum(exp(one) for one in found.logprobs) <= 1.001

    def test_a_longer_text_before_the_same_question_may_be_scored_too(
        self, model: ScoringChat
    ) -> None:
        short = [Message("system", "Be brief."), Message("user", "Is it raining?")]
        long = [Message("system", "Be brief."), Message("user", "It rains. " * 50 + "Is it?")]
        before = model.choice_logprobs(short, ("Yes", "No"))
        assert model.choice_logprobs(long, ("Yes", "No")).usage.prompt_tokens > 40
        again = model.choice_logprobs(short, ("Yes", "No"))
        assert again.logprobs == pytest.approx(before.logprobs, abs=0.3)
