"""Chat models behind an OpenAI-compatible address. Knows the wire, not who answers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from surefoot.config.solution import Endpoint
from surefoot.core.errors import DataError
from surefoot.core.lang import is_han
from surefoot.core.metering import may_spend
from surefoot.core.roles import Likelihoods, Message, Reply, Sampling
from surefoot.core.types import Usage
from surefoot.models.choices import likelihoods, said_choice
from surefoot.models.http import Address, JsonClient

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")

_PATH = "/chat/completions"
_MOST_TOLD = 20  # first tokens that the protocol lets one ask for
_WORD_TOKENS = 8  # room for a choice where nothing is told of tokens
_CHARS_PER_TOKEN = 3
_OTHER_NAME = "max_completion_tokens"  # what some endpoints want in the place of max_tokens


class HttpChat:
    """A remote chat model. Tokens that it does not report are estimated, as `count_tokens` does."""

    def __init__(self, name: str, endpoint: Endpoint, client: JsonClient | None = None) -> None:
        self._endpoint = endpoint
        self._where = f"http:{name}"
        self._price = endpoint.price
        self._tells = True  # until it refuses to tell log-probabilities
        self._client = client or JsonClient(
            Address(endpoint.base_url, self._where, endpoint.key, endpoint.timeout_s)
        )

    @property
    def context_tokens(self) -> int:
        return self._endpoint.context_tokens

    def chat(
        self,
        messages: Sequence[Message],
        sampling: Sampling,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply:
        """Answers; what `on_text` raises ends the reply and comes out here.

        Raises:
            TransientError: the endpoint was not reached or is busy, after four attempts.
            ConfigError: it refuses the key, or does not know the address or model.
            DataError: it refuses the request, or what it sends is not a chat reply.
            CapReached: it has a price, and what the question may cost is used up.
        """
        self._may_spend()
        body = self._body(messages, sampling)
        heard = self._under_either_name(body, lambda asked: self._ask(asked, on_text))
        usage = self._usage(heard, messages)
        return Reply(heard.text.strip(), usage, heard.finish or "stop")

    def choice_logprobs(
        self, messages: Sequence[Message], choices: Sequence[str], /
    ) -> Likelihoods:
        """How likely each choice is, by the first tokens; by what it says where the endpoint tells nothing of tokens.

        Raises:
            TransientError, ConfigError, DataError, CapReached: as `chat`.
        """
        self._may_spend()
        body = self._body(messages, Sampling(max_tokens=_WORD_TOKENS))
        told: dict[str, Any] = {"logprobs": True, "top_logprobs": _MOST_TOLD}
        try:
            raw = self._post(body | told if self._tells else body)
        except DataError as problem:
            if not self._tells or "logprobs" not in problem.message:
                raise
            self._tells = False
            raw = self._post(body)
        heard = self._whole(raw)
        usage = self._usage(heard, messages)
        if tokens := _first_tokens(raw):
            return Likelihoods(likelihoods(tokens, choices), usage)
        return Likelihoods(said_choice(heard.text, choices), usage, told=False)

    def count_tokens(self, text: str) -> int:
        """An estimate that is rather too high than too low."""
        han = sum(map(is_han, text))
        return han + math.ceil((len(text) - han) / _CHARS_PER_TOKEN)

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def _may_spend(self) -> None:
        price = self._price
        spends = None if price is None else price.prompt + price.completion
        may_spend(spends, where=self._where)

    def _body(self, messages: Sequence[Message], sampling: Sampling) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._endpoint.model,
            "messages": [{"role": m.role, "content": m.content} for m in messages],
            "max_tokens": sampling.max_tokens,
            "temperature": sampling.temperature,
            "seed": sampling.seed,
        }
        if sampling.stop:
            body["stop"] = list(sampling.stop)
        if sampling.schema is not None:
            form = {"name": "reply", "strict": True, "schema": sampling.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        return body

    def _post(self, body: dict[str, Any]) -> Any:
        return self._under_either_name(body, lambda asked: self._client.post(_PATH, asked))

    def _under_either_name(self, body: dict[str, Any], ask: Callable[[dict[str, Any]], T]) -> T:
        """What comes of asking; the limit of the reply goes by its other name where the endpoint wants that."""
        try:
            return ask(body)
        except DataError as problem:
            if _OTHER_NAME not in problem.message:
                raise
            other = {key: value for key, value in body.items() if key != "max_tokens"}
            return ask(other | {_OTHER_NAME: body["max_tokens"]})

    def _ask(self, body: dict[str, Any], on_text: Callable[[str], None] | None) -> _Heard:
        if on_text is None:
            return self._whole(self._client.post(_PATH, body))
        streaming = {**body, "stream": True, "stream_options": {"include_usage": True}}
        with self._client.stream(_PATH, streaming) as response:
            if "text/event-stream" not in response.headers.get("content-type", ""):
                text = response.read().decode("utf-8", errors="replace")
                heard = self._whole(self._client.json(text))
                on_text(heard.text)
                return heard
            return self._listen(response, on_text)

    def _whole(self, raw: Any) -> _Heard:
        try:
            choice = raw["choices"][0]
            text = choice["message"]["content"]
        except (KeyError, IndexError, TypeError):
            raise self._malformed(raw) from None
        if not isinstance(text, str):
            raise self._malformed(raw)
        return _Heard(text, _finish(choice), raw.get("usage"))

    def _listen(self, response: httpx.Response, on_text: Callable[[str], None]) -> _Heard:
        heard = _Heard("", None, None)
        for event in self._events(response):
            if not isinstance(event, dict) or "error" in event:
                raise self._malformed(event)
            heard.usage = event.get("usage") or heard.usage
            for choice in event.get("choices") or ():
                piece = self._delta(choice)
                if piece:
                    heard.text += piece
                    on_text(piece)
                heard.finish = _finish(choice) or heard.finish
        if heard.finish is None:
            raise DataError(
                "the reply broke off before its end",
                where=self._where,
                hint="ask again; if it stays so, look into the endpoint's log",
            )
        return heard

    def _events(self, response: httpx.Response) -> Iterator[Any]:
        for line in self._client.lines(response):
            if not line.startswith("data:"):
                continue
            data = line.removeprefix("data:").strip()
            if data == "[DONE]":
                return
            yield self._client.json(data)

    def _delta(self, choice: Any) -> str:
        try:
            piece = (choice.get("delta") or {}).get("content")
        except AttributeError:
            raise self._malformed(choice) from None
        return piece if isinstance(piece, str) else ""

    def _malformed(self, raw: Any) -> DataError:
        return DataError(
            f"what it sent is not a chat reply: {str(raw)[:200]!r}",
            where=self._where,
            hint="check that the endpoint is OpenAI-compatible",
        )

    def _usage(self, heard: _Heard, messages: Sequence[Message]) -> Usage:
        said = heard.usage if isinstance(heard.usage, dict) else {}
        prompt, completion = said.get("prompt_tokens"), said.get("completion_tokens")
        if not isinstance(prompt, int):
            prompt = sum(self.count_tokens(message.content) for message in messages)
        if not isinstance(completion, int):
            completion = self.count_tokens(heard.text)
        if self._price is None:
            return Usage(prompt, completion, calls=1, unpriced=1)
        return Usage(prompt, completion, self._price.dollars(prompt, completion), calls=1)


@dataclass(slots=True)
class _Heard:
    """A reply as far as it has come."""

    text: str
    finish: Literal["stop", "length"] | None
    usage: Any


def _first_tokens(raw: Any) -> list[tuple[bytes, float]]:
    """The likeliest first tokens with their log-probabilities; none where the endpoint does not tell them."""
    try:
        first = raw["choices"][0]["logprobs"]["content"][0]
        tokens = first["top_logprobs"] or [first]
        return [(_bytes(token), float(token["logprob"])) for token in tokens]
    except (KeyError, IndexError, TypeError, ValueError):
        return []


def _bytes(token: Any) -> bytes:
    return bytes(token["bytes"]) if token.get("bytes") else str(token["token"]).encode()


def _finish(choice: Any) -> Literal["stop", "length"] | None:
    reason = choice.get("finish_reason") if isinstance(choice, dict) else None
    if reason is None:
        return None
    return "length" if reason == "length" else "stop"
