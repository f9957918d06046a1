"""One base model in memory for all who ask it under one of several adapters, among them such as came later."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Condition, Lock
from typing import cast

from surefoot.core.roles import (
    AdaptableChat,
    ChatModel,
    Likelihoods,
    Message,
    Reply,
    Sampling,
    ScoringChat,
)

Adapters = Mapping[str, Path]


class SharedBase:
    """A base with adapters beside it, by a name of their content.

    It is opened at the first question with that adapter and with those that `beside` tells. Where one is asked that it
    does not hold, it is closed as soon as nobody uses it, and opened with that one too: the weights are never in memory
    twice, and whoever asks meanwhile waits.
    """

    def __init__(
        self, opened: Callable[[Adapters], AdaptableChat], beside: Callable[[], Adapters]
    ) -> None:
        self._opened = opened
        self._beside = beside
        self._engine: AdaptableChat | None = None
        self._held: frozenset[str] = frozenset()
        self._users = 0
        self._door = Lock()
        """Held while an engine is chosen, so that nobody takes one that is about to be closed."""
        self._left = Condition()

    def under(self, name: str, file: Path) -> Under:
        """The base under an adapter."""
        return Under(self, name, file)

    @property
    def plain(self) -> Under:
        """The base as it is, in the same engine."""
        return Under(self)

    def close(self) -> None:
        """Closes the engine when nobody uses it any more; another question would open it again."""
        with self._door:
            self._shut()

    @contextmanager
    def using(self, name: str, file: Path | None) -> Iterator[ChatModel]:
        """The model under this adapter, or as it is; open until the block ends.

        Raises:
            SurefootError: it cannot be opened, as `open_chat` says.
        """
        with self._door:
            if self._engine is None or (name and name not in self._held):
                self._shut()
                files = {**self._beside(), **({name: file} if file is not None else {})}
                self._engine, self._held = self._opened(files), frozenset(files)
            engine = self._engine
            with self._left:
                self._users += 1
        try:
            yield engine.adapted(name) if name else engine
        finally:
            with self._left:
                self._users -= 1
                self._left.notify_all()

    def _shut(self) -> None:
        """Waits for those who use the engine, and closes it."""
        with self._left:
            self._left.wait_for(lambda: not self._users)
        engine, self._engine, self._held = self._engine, None, frozenset()
        if engine is not None:
            engine.close()


@dataclass(frozen=True, slots=True)
class Under:
    """A shared base under one adapter, or under none; it is closed by whoever opened the base."""

    base: SharedBase
    name: str = ""
    file: Path | None = None

    @property
    def context_tokens(self) -> int:
        with self.base.using(self.name, self.file) as model:
            return model.context_tokens

    def chat(
        self,
        messages: Sequence[Message],
        sampling: Sampling,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply:
        """Answers as the engine's own model does."""
        with self.base.using(self.name, self.file) as model:
            return model.chat(messages, sampling, on_text)

    def choice_logprobs(
        self, messages: Sequence[Message], choices: Sequence[str], /
    ) -> Likelihoods:
        """Tells what the engine's own model tells."""
        with self.base.using(self.name, self.file) as model:
            return cast("ScoringChat", model).choice_logprobs(messages, choices)

    def count_tokens(self, text: str) -> int:
        with self.base.using(self.name, self.file) as model:
            return model.count_tokens(text)

    def close(self) -> None:
        """Nothing is its own."""
