"""Asks a causal model in torch, with adapters that are switched in place: what other engines are compared with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from surefoot.core.errors import ConfigError, MissingError
from surefoot.core.roles import Message, Reply, Sampling
from surefoot.core.types import Usage
from surefoot.models.base import ModelEnv
from surefoot.tune.chat.base_model import load_base

_CONTEXT_TOKENS = 8192


class TorchChat:
    """A base and its adapters; speaks as the base until `use` names one. Greedy: the same prompt, the same reply.

    Adapters are folders of peft (`peft/` of an artefact). Prompt-tuned ones put learnt positions before the text, so
    they stand alone: such a chat takes no other adapters.
    """

    def __init__(
        self,
        base: str,
        env: ModelEnv,
        adapters: Mapping[str, Path] | None = None,
        *,
        dtype: str = "float32",
    ) -> None:
        self._model, self._tokenizer = load_base(base, env, dtype=dtype)
        self._model.eval()
        self._names = tuple(adapters or {})
        self._used: str | None = None
        self._peft: Any = None
        self._alone = self._unmixed = False
        for name, folder in (adapters or {}).items():
            self._add(name, folder)
        self.use(None)

    @property
    def context_tokens(self) -> int:
        """Tokens that it was trained to read at once."""
        config = self._model.config.get_text_config()
        return int(getattr(config, "max_position_embeddings", _CONTEXT_TOKENS))

    @property
    def adapters(self) -> tuple[str, ...]:
        """What `use` may name."""
        return self._names

    def use(self, name: str | None) -> None:
        """Speaks with this adapter from now on; None is the base itself.

        Raises:
            MissingError: there is no such adapter.
        """
        self._known(name)
        if self._peft is not None and name is not None:
            self._peft.set_adapter(name)
        self._used = name

    def chat(
        self,
        messages: Sequence[Message],
        sampling: Sampling,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply:
        """Answers greedily; the reply is handed to `on_text` whole.

        Raises:
            ConfigError: the sampling asks for chance or for a schema.
        """
        if sampling.temperature or sampling.schema is not None:
            raise ConfigError("this engine is greedy and free of schemas", where="sampling")
        reply = self._reply(self._prompt(messages), sampling)
        if on_text is not None:
            on_text(reply.text)
        return reply

    def chat_many(
        self,
        prompts: Sequence[Sequence[Message]],
        sampling: Sampling,
        adapters: Sequence[str | None] | None = None,
    ) -> list[Reply]:
        """Answers all at once, in their order; `adapters` names one for each prompt, else all take the one in use."""
        encoded = [self._prompt(messages) for messages in prompts]
        replies = self._generate(encoded, sampling.max_tokens, adapters)
        return [
            self._told(ids, found, sampling) for ids, found in zip(encoded, replies, strict=True)
        ]

    def reply_ids(self, messages: Sequence[Message], max_tokens: int) -> list[int]:
        """The tokens of the reply, the mark of its end included where it came to one."""
        return self._generate([self._prompt(messages)], max_tokens, None)[0]

    def count_tokens(self, text: str) -> int:
        """Tokens of a text without marks."""
        return len(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def close(self) -> None:
        """Lets go of the weights."""
        self._model = self._peft = None

    def _add(self, name: str, folder: Path) -> None:
        from peft import PeftConfig, PeftModel

        learnt = PeftConfig.from_pretrained(folder)
        if learnt.is_prompt_learning and len(self._names) > 1:
            raise ConfigError(
                f"{name} is prompt-tuned and stands alone", hint="open it without other adapters"
            )
        self._alone = bool(learnt.is_prompt_learning)
        self._unmixed |= bool(getattr(learnt, "use_dora", False))
        if self._peft is None:
            self._peft = PeftModel.from_pretrained(self._model, folder, adapter_name=name)
        else:
            self._peft.load_adapter(folder, adapter_name=name)
        self._peft.eval()

    def _known(self, name: str | None) -> None:
        if name is not None and name not in self._names:
            known = ", ".join(self._names) or "none"
            raise MissingError(f"there is no adapter {name!r}", hint=f"known: {known}")

    def _prompt(self, messages: Sequence[Message]) -> list[int]:
        turns = [{"role": message.role, "content": message.content} for message in messages]
        text = self._tokenizer.apply_chat_template(
            turns, tokenize=False, add_generation_prompt=True
        )
        return list(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def _reply(self, prompt: list[int], sampling: Sampling) -> Reply:
        found = self._generate([prompt], sampling.max_tokens, None)[0]
        return self._told(prompt, found, sampling)

    def _told(self, prompt: list[int], found: list[int], sampling: Sampling) -> Reply:
        ended = bool(found) and found[-1] in self._ends
        text = self._tokenizer.decode(found, skip_special_tokens=True)
        stops = [text.index(stop) for stop in sampling.stop if stop in text]
        text = text[: min(stops)] if stops else text
        usage = Usage(len(prompt), len(found), calls=1)
        return Reply(text.strip(), usage, "stop" if ended or stops else "length")

    @property
    def _ends(self) -> set[int]:
        ends = self._model.generation_config.eos_token_id
        ends = ends if isinstance(ends, list) else [ends]
        return {end for end in (*ends, self._tokenizer.eos_token_id) if end is not None}

    def _generate(
        self, prompts: list[list[int]], max_tokens: int, adapters: Sequence[str | None] | None
    ) -> list[list[int]]:
        """Left-padded, so that all replies begin at the same place.

        Padding would stand between learnt positions and the text, so a prompt-tuned model is asked one by one; so are
        adapters of DoRA, which peft does not mix.
        """
        if self._alone or (self._unmixed and adapters is not None):
            names = adapters or [self._used] * len(prompts)
            pairs = zip(prompts, names, strict=True)
            return [self._one(prompt, name, max_tokens) for prompt, name in pairs]
        return self._together(prompts, max_tokens, adapters)

    def _together(
        self, prompts: list[list[int]], max_tokens: int, adapters: Sequence[str | None] | None
    ) -> list[list[int]]:
        import torch

        longest = max(map(len, prompts))
        filler = self._tokenizer.pad_token_id
        filler = min(self._ends) if filler is None else filler
        ids = [[filler] * (longest - len(prompt)) + prompt for prompt in prompts]
        mask = [[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts]
        model, more, context = self._speaker(adapters)
        with torch.inference_mode(), context:
            found = model.generate(
                input_ids=torch.tensor(ids),
                attention_mask=torch.tensor(mask),
                max_new_tokens=max_tokens,
                do_sample=False,
                num_beams=1,
                temperature=None,
                top_p=None,
                top_k=None,
                pad_token_id=filler,
                eos_token_id=sorted(self._ends),
                **more,
            )
        return [self._until_end(row) for row in found[:, longest:].tolist()]

    def _one(self, prompt: list[int], name: str | None, max_tokens: int) -> list[int]:
        before = self._used
        self.use(name)
        found = self._together([prompt], max_tokens, None)[0]
        self.use(before)
        return found

    def _until_end(self, ids: list[int]) -> list[int]:
        for place, token in enumerate(ids):
            if token in self._ends:
                return ids[: place + 1]
        return ids

    def _speaker(
        self, adapters: Sequence[str | None] | None
    ) -> tuple[Any, dict[str, Any], AbstractContextManager[Any]]:
        """Who generates: the base with its adapters off, one adapter, or one for each row."""
        if self._peft is None:
            return self._model, {}, nullcontext()
        if adapters is not None:
            for name in adapters:
                self._known(name)
            names = [name or "__base__" for name in adapters]
            return self._peft, {"adapter_names": names}, nullcontext()
        if self._used is None:
            return self._peft, {}, self._peft.disable_adapter()
        return self._peft, {}, nullcontext()
