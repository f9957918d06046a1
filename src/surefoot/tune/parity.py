"""Whether an exported form answers as the trained model does: both are asked the same, greedily, token by token.

Compares replies; knows no engine. A reply that differs in one token goes its own way from there on, so what is
counted is the share of tokens before the first difference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from surefoot.core.errors import DataError
from surefoot.core.roles import ChatModel, Message, Sampling
from surefoot.tune.artefact import Form, Parity

Reply = Callable[[Sequence[Message]], Sequence[int]]
"""The tokens with which a model answers messages."""
PROMPTS = 50
MAX_TOKENS = 48
TOLERANCES: Mapping[Form, float] = {
    "peft": 0.99,
    "safetensors": 0.95,
    "gguf-adapter": 0.9,
    "gguf": 0.9,
}
"""Agreement from which an export is good, where nobody says another."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A chat model as tokens: what it says is cut into the tokens of the trained model, its own being out of reach."""

    model: ChatModel
    tokens: Callable[[str], Sequence[int]]
    max_tokens: int = MAX_TOKENS

    def __call__(self, messages: Sequence[Message]) -> Sequence[int]:
        """The tokens of the greedy reply."""
        reply = self.model.chat(messages, Sampling(max_tokens=self.max_tokens))
        return self.tokens(reply.text.strip())


def parity(
    form: Form,
    engine: str,
    trained: Reply,
    exported: Reply,
    prompts: Sequence[Sequence[Message]],
    tolerance: float,
) -> Parity:
    """How alike both answer the prompts.

    Raises:
        DataError: there is no prompt.
    """
    if not prompts:
        raise DataError("there are no prompts to compare the export on")
    shares = [agreement(trained(prompt), exported(prompt)) for prompt in prompts]
    mean = sum(shares) / len(shares)
    return Parity(
        form=form,
        engine=engine,
        prompts=len(prompts),
        agreement=mean,
        same=sum(share == 1 for share in shares) / len(shares),
        tolerance=tolerance,
        good=mean >= tolerance,
    )


def agreement(first: Sequence[int], second: Sequence[int]) -> float:
    """The share of tokens before the first difference, of the longer reply; 1 where both are empty."""
    longer = max(len(first), len(second))
    equal = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        equal += 1
    return equal / longer if longer else 1.0
