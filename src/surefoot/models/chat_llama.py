"""Chat models in GGUF on llama.cpp (package xllamacpp, an extra). Reads every architecture and number type it knows.

The engine is a server inside this process. It also listens on a loopback port, which cannot be turned off: a random
key, known to nobody else, keeps other programs of this machine from asking it.

Adapters are loaded once, at strength 0; every request says which of them it wants and how strong. What the engine
remembers of a prompt is of one adapter only: it forgets it when another is asked, and keeps no earlier prompts in
memory where there are adapters, because those are not told apart by adapter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_urlsafe
from threading import Lock
from typing import Any, Literal

from surefoot.core.errors import DataError, MissingError, MissingExtra
from surefoot.core.roles import Likelihoods, Message, Reply, Sampling
from surefoot.core.types import Usage
from surefoot.models.base import ModelEnv
from surefoot.models.choices import FIRST_TOKENS, likelihoods
from surefoot.models.gguf import GgufFacts
from surefoot.models.gguf_adapter import check_adapter
from surefoot.models.streaming import TextOut

MAX_TOKENS = 8192  # memory for the whole context is taken at the start
_PROMPT_CACHE_MIB = 256
# Of half a Han character no log-probabilities are told; with the bias theirs come, without it in them.
_SAY_A_WHOLE_SIGN = [["1", 100]]


class LlamaChat:
    """A chat model on the processor; one reply at a time, prompts that start alike share their beginning.

    `adapters` are GGUF files by name; `adapted` gives the model under one of them. `file` is read in the place of the
    model's own, of which `facts` are.

    Raises:
        MissingError: an adapter's file is gone.
        DataError: an adapter is not one, or not for this model.
    """

    def __init__(
        self,
        facts: GgufFacts,
        env: ModelEnv,
        adapters: Mapping[str, Path] | None = None,
        file: Path | None = None,
    ) -> None:
        import httpx

        self._facts = facts
        self._adapters = dict(adapters or {})
        for adapter in self._adapters.values():
            check_adapter(adapter, facts)
        self._lock = Lock()
        self._context = min(facts.context_tokens or MAX_TOKENS, MAX_TOKENS)
        key = token_urlsafe(32)
        params = _params(file or facts.path, env, self._context, key)
        self._server = _start(params, list(self._adapters.values()), facts)
        self._client = httpx.Client(
            base_url=self._server.listening_address,
            headers={"Authorization": f"Bearer {key}"},
            trust_env=False,
            timeout=60,
        )

    @property
    def context_tokens(self) -> int:
        return self._context

    def chat(
        self,
        messages: Sequence[Message],
        sampling: Sampling,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply:
        """Answers; what `on_text` raises stops the work and comes out here.

        Raises:
            DataError: prompt and reply do not fit the context, or the engine failed.
        """
        return self.chat_under({}, messages, sampling, on_text)

    def adapted(self, name: str, scale: float = 1.0) -> AdaptedChat:
        """The model under one of its adapters.

        Raises:
            MissingError: it holds no adapter of this name.
        """
        if name not in self._adapters:
            raise MissingError(
                f"there is no adapter {name!r} in the engine",
                where=str(self._facts.path),
                hint=f"known: {', '.join(sorted(self._adapters)) or 'none'}",
            )
        return AdaptedChat(self, {name: scale})

    def chat_under(
        self,
        scales: Mapping[str, float],
        messages: Sequence[Message],
        sampling: Sampling,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply:
        """Answers under the adapters that are named, each at its strength; as `chat` otherwise."""
        heard = _Heard(TextOut(on_text))
        body = self._body(scales, messages, sampling)
        with self._lock:
            self._server.handle_chat_completions(body, heard)
        heard.out.finish()
        if heard.error or heard.finish is None:
            raise self._failed(heard.error or "it gave no reply")
        return Reply("".join(heard.pieces).strip(), heard.usage, heard.finish)

    def choice_logprobs(
        self, messages: Sequence[Message], choices: Sequence[str], /
    ) -> Likelihoods:
        """How likely each choice is, by the first tokens of the reply.

        Raises:
            DataError: the prompt does not fit the context, or the engine failed.
        """
        return self.choice_logprobs_under({}, messages, choices)

    def choice_logprobs_under(
        self, scales: Mapping[str, float], messages: Sequence[Message], choices: Sequence[str]
    ) -> Likelihoods:
        """As `choice_logprobs`, under the adapters that are named, each at its strength."""
        body = self._body(scales, messages, Sampling(max_tokens=1))
        body |= {"stream": False, "logprobs": True, "top_logprobs": FIRST_TOKENS}
        body["logit_bias"] = _SAY_A_WHOLE_SIGN
        del body["stream_options"]
        with self._lock:
            reply = self._server.handle_chat_completions(body)
        try:
            first = reply["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
            told = [(bytes(token["bytes"]), float(token["logprob"])) for token in first]
            usage = Usage(reply["usage"]["prompt_tokens"], 1, calls=1)
        except (KeyError, IndexError, TypeError):
            error = reply.get("error", reply)
            raise self._failed(str(error.get("message", "it gave no reply"))) from None
        return Likelihoods(likelihoods(told, choices), usage)

    def count_tokens(self, text: str) -> int:
        body = {"content": text, "add_special": False, "parse_special": False}
        response = self._client.post("/tokenize", json=body)
        return len(response.raise_for_status().json()["tokens"])

    def close(self) -> None:
        """Ends the server and lets go of its memory and port."""
        with self._lock:
            self._client.close()
            self._server = None

    def _failed(self, why: str) -> DataError:
        return DataError(
            f"the model failed: {why}",
            where=str(self._facts.path),
            hint="ask with fewer passages or a smaller max_tokens",
        )

    def _body(
        self, scales: Mapping[str, float], messages: Sequence[Message], sampling: Sampling
    ) -> dict[str, Any]:
        body: dict[str, Any] = {
            "messages": [
                {"role": m.role, "content": self._facts.disarm(m.content)} for m in messages
            ],
            "max_tokens": sampling.max_tokens,
            "temperature": sampling.temperature,
            "seed": sampling.seed,
            "stop": list(sampling.stop),
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if sampling.schema is not None:
            body["response_format"] = {
                "type": "json_schema",
                "json_schema": {"schema": sampling.schema},
            }
        if self._adapters:
            body["lora"] = [
                {"id": i, "scale": scales.get(name, 0.0)} for i, name in enumerate(self._adapters)
            ]
        return body


@dataclass(frozen=True, slots=True)
class AdaptedChat:
    """A loaded model under adapters; the model itself is closed by whoever opened it."""

    model: LlamaChat
    scales: Mapping[str, float]

    @property
    def context_tokens(self) -> int:
        return self.model.context_tokens

    def chat(
        self,
        messages: Sequence[Message],
        sampling: Sampling,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply:
        """Answers as `LlamaChat.chat` does."""
        return self.model.chat_under(self.scales, messages, sampling, on_text)

    def choice_logprobs(
        self, messages: Sequence[Message], choices: Sequence[str], /
    ) -> Likelihoods:
        """Tells as `LlamaChat.choice_logprobs` does."""
        return self.model.choice_logprobs_under(self.scales, messages, choices)

    def count_tokens(self, text: str) -> int:
        return self.model.count_tokens(text)

    def close(self) -> None:
        """Nothing is its own."""


def _params(file: Path, env: ModelEnv, context: int, key: str) -> Any:
    try:
        import xllamacpp
    except ImportError:
        raise MissingExtra("xllamacpp", extra="llama", why=file.name) from None
    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    params.n_ctx = context
    params.n_parallel = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = env.threads
    params.cache_ram_mib = _PROMPT_CACHE_MIB
    params.hostnames = ["127.0.0.1"]
    params.api_keys = [key]
    params.ui = params.endpoint_slots = params.endpoint_props = False
    params.verbosity = -1
    return params


def _start(params: Any, adapters: Sequence[Path], facts: GgufFacts) -> Any:
    import xllamacpp

    if adapters:
        params.cache_ram_mib = 0
        params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(a), 0.0) for a in adapters]
    try:
        return xllamacpp.Server(params)
    except (RuntimeError, ValueError) as problem:
        raise DataError(f"llama.cpp cannot load it: {problem}", where=str(facts.path)) from problem


@dataclass(slots=True)
class _Heard:
    """Takes the pieces of a reply from the engine."""

    out: TextOut
    pieces: list[str] = field(default_factory=list)
    usage: Usage = Usage(calls=1)
    finish: Literal["stop", "length"] | None = None
    error: str = ""

    def __call__(self, event: dict[str, Any]) -> bool:
        """True stops the engine."""
        if "error" in event or "message" in event:
            error = event.get("error", event)
            self.error = str(error.get("message", error) if isinstance(error, dict) else error)
        for choice in event.get("choices", ()):
            if reason := choice.get("finish_reason"):
                self.finish = "length" if reason == "length" else "stop"
            if piece := choice.get("delta", {}).get("content"):
                self.pieces.append(piece)
                self.out(piece)
        if usage := event.get("usage"):
            self.usage = Usage(usage["prompt_tokens"], usage["completion_tokens"], calls=1)
        return self.out.stopped
