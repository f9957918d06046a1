"""Chat models in GGUF on OpenVINO GenAI. Reads the number types, architectures and tokenizers listed here, no others.

What it reads it reads from the file's own tensors, tokenizer and chat template. The lists are those of release 2026.4,
where a type or splitting rule beyond them either fails or is silently read wrong: a Q4_1 tensor loses its exact
offsets (measured: 2.69 nats a token where the same weights as Q8_0 give 2.47), an unknown splitting rule gives other
tokens, stretched positions are not stretched.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Sequence
from math import exp
from pathlib import Path
from threading import Lock
from typing import Any

from surefoot.core.errors import DataError
from surefoot.core.roles import Likelihoods, Message, Reply, Sampling
from surefoot.core.types import Usage
from surefoot.models.base import ModelEnv
from surefoot.models.gguf import PLAIN_TYPES, GgufFacts
from surefoot.models.openvino import best_precision, shut_telemetry
from surefoot.models.streaming import TextOut

EXACT_TYPES = frozenset({"F32", "F16", "Q4_0", "Q8_0"})
CONVERTIBLE_TYPES = frozenset(
    {"BF16", "Q4_1", "Q5_0", "Q5_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS"}
)
ARCHITECTURES = frozenset({"llama", "qwen2", "qwen3"})
TOKENIZERS = frozenset({"gpt2/smollm", "gpt2/qwen2"})
MAX_TOKENS = 8192  # the tokenizer cuts longer prompts without saying so
_KV_BLOCK_TOKENS = 32
_KEPT_CONTEXTS = 2  # so many full contexts of earlier prompts are kept for prompts that start alike


def why_not(facts: GgufFacts) -> str:
    """What keeps OpenVINO from reading the file, in words; empty where nothing does."""
    if facts.is_part:
        return "the model is split over several files"
    if facts.architecture not in ARCHITECTURES:
        return f"its architecture {facts.architecture!r} is not read"
    if facts.tokenizer not in TOKENIZERS:
        return f"its tokenizer {facts.tokenizer!r} is not read"
    if facts.scales_rope:
        return "its stretched positions are not read"
    if odd := sorted(facts.tensor_types - EXACT_TYPES - CONVERTIBLE_TYPES):
        return f"its tensors of type {odd[0]} cannot be converted"
    return ""


def _precision(facts: GgufFacts, threads: int) -> str:
    """bfloat16 where the processor has it, but not for weights of plain numbers on a single thread.

    There release 2026.4 divides by zero on processors with AMX, which ends the process
    (https://github.com/openvinotoolkit/openvino/issues/33300); quantised weights and two threads are not concerned.
    """
    if best_precision() == "fp32":
        return "f32"
    matrices = (tensor for tensor in facts.tensors if len(tensor.shape) > 1)
    plain = any(one.type in PLAIN_TYPES and one.name.startswith("blk.") for one in matrices)
    return "f32" if plain and min(threads, _usable_cores()) < 2 else "bf16"


def _usable_cores() -> int:
    """Those that this process may run on: fewer than the machine has under `taskset` or in a container."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class OpenVinoChat:
    """A chat model on the processor; one reply at a time, prompts that start alike share their beginning.

    `file` holds only tensors of `EXACT_TYPES`; `facts` are of the model's own file.
    """

    def __init__(self, file: Path, facts: GgufFacts, env: ModelEnv) -> None:
        shut_telemetry()
        import openvino_genai

        self._genai = openvino_genai
        self._facts = facts
        self._lock = Lock()
        self._context = min(facts.context_tokens or MAX_TOKENS, MAX_TOKENS)
        scheduler = openvino_genai.SchedulerConfig()
        scheduler.enable_prefix_caching = True
        scheduler.num_kv_blocks = _KEPT_CONTEXTS * self._context // _KV_BLOCK_TOKENS
        try:
            self._pipeline = openvino_genai.LLMPipeline(
                str(file),
                "CPU",
                scheduler_config=scheduler,
                INFERENCE_NUM_THREADS=env.threads,
                INFERENCE_PRECISION_HINT=_precision(facts, env.threads),
            )
        except RuntimeError as problem:
            raise DataError(
                f"OpenVINO cannot load it: {_first_line(problem)}",
                where=str(facts.path),
                hint='pip install "surefoot[llama]" for another engine',
            ) from problem
        self._tokenizer = self._pipeline.get_tokenizer()

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
        history = self._history(messages)
        out = TextOut(on_text)
        with self._lock:
            self._check_fits(history, sampling)
            result = self._generated(history, self._config(sampling), self._streamer(out))
        out.finish()
        return self._reply(result)

    def choice_logprobs(
        self, messages: Sequence[Message], choices: Sequence[str], /
    ) -> Likelihoods:
        """How likely each choice is: the model is made to say it, and its score is that of all it could have said.

        Measured: a reply held to a pattern is scored by the logits from before the pattern, not by those it leaves.

        Raises:
            DataError: the prompt does not fit the context, or the engine failed.
        """
        history = self._history(messages)
        found, read = [], 0
        with self._lock:
            tokens = [max(1, self._count(choice)) for choice in choices]
            self._check_fits(history, Sampling(max_tokens=max(tokens)))
            for choice, many in zip(choices, tokens, strict=True):
                config = self._config(Sampling(max_tokens=many))
                config.structured_output_config = self._genai.StructuredOutputConfig(
                    regex=re.escape(choice)
                )
                result = self._generated(history, config, None)
                found.append(min(0.0, float(result.scores[0])))
                read = int(result.perf_metrics.get_num_input_tokens())
        return Likelihoods(tuple(found), Usage(read, sum(tokens), calls=1))

    def count_tokens(self, text: str) -> int:
        """Tokens of a text, control tokens split; `context_tokens` stands for that many or more."""
        with self._lock:
            return self._count(self._facts.disarm(text))

    def close(self) -> None:
        """Lets go of weights and caches."""
        with self._lock:
            self._pipeline = self._tokenizer = None

    def _generated(self, history: Any, config: Any, streamer: Any) -> Any:
        try:
            return self._pipeline.generate(history, config, streamer)
        except RuntimeError as problem:
            raise DataError(
                f"the model failed: {_first_line(problem)}", where=str(self._facts.path)
            ) from problem

    def _history(self, messages: Sequence[Message]) -> Any:
        return self._genai.ChatHistory(
            [
                {"role": message.role, "content": self._facts.disarm(message.content)}
                for message in messages
            ]
        )

    def _count(self, text: str) -> int:
        return int(self._tokenizer.encode(text).input_ids.shape[-1])

    def _check_fits(self, history: Any, sampling: Sampling) -> None:
        prompt = self._count(
            self._tokenizer.apply_chat_template(history, add_generation_prompt=True)
        )
        if prompt + sampling.max_tokens > self._context:
            raise DataError(
                f"the prompt ({prompt} tokens or more) and max_tokens = {sampling.max_tokens} "
                f"do not fit the context of {self._context}",
                where=str(self._facts.path),
                hint="ask with fewer passages or a smaller max_tokens",
            )

    def _config(self, sampling: Sampling) -> Any:
        config = self._genai.GenerationConfig()
        config.max_new_tokens = sampling.max_tokens
        config.stop_strings = set(sampling.stop)
        config.logprobs = 1  # of the tokens said, which add up to the score of the reply
        if sampling.temperature > 0:
            config.do_sample = True
            config.temperature = sampling.temperature
            config.rng_seed = sampling.seed
        if sampling.schema is not None:
            config.structured_output_config = self._genai.StructuredOutputConfig(
                json_schema=json.dumps(sampling.schema)
            )
        return config

    def _streamer(self, out: TextOut) -> Callable[[str], Any]:
        status = self._genai.StreamingStatus

        def take(text: str) -> Any:
            out(text)
            return status.CANCEL if out.stopped else status.RUNNING

        return take

    def _reply(self, result: Any) -> Reply:
        figures = result.perf_metrics
        usage = Usage(
            prompt_tokens=int(figures.get_num_input_tokens()),
            completion_tokens=int(figures.get_num_generated_tokens()),
            calls=1,
        )
        cut = result.finish_reasons[0] == self._genai.GenerationFinishReason.LENGTH
        probability = min(1.0, exp(result.scores[0]))
        return Reply(result.texts[0].strip(), usage, "length" if cut else "stop", probability)


def _first_line(problem: Exception) -> str:
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
    return lines[-1] if lines else type(problem).__name__
