"""A chat model whose replies are kept in a file, so that a run which was stopped goes on and asks nothing twice."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from surefoot.core.roles import Likelihoods, Message, Reply, Sampling
from surefoot.core.types import Usage


class Keeping:
    """A chat model that is asked everything once; `last` are the exchanges of the present question."""

    def __init__(self, model: Any, file: Path) -> None:
        self._model, self._file = model, file
        self._known: dict[str, dict[str, Any]] = {row["key"]: row for row in whole_lines(file)}
        self.last: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def chat(
        self,
        messages: Sequence[Message],
        sampling: Sampling,
        on_text: Callable[[str], None] | None = None,
    ) -> Reply:
        def ask() -> dict[str, Any]:
            reply = self._model.chat(messages, sampling)
            return {**asdict(reply), "usage": asdict(reply.usage)}

        row = self._kept([*map(asdict, messages), str(sampling)], ask)
        if on_text is not None:
            on_text(row["text"])
        return Reply(row["text"], Usage(**row["usage"]), row["finish"], row["probability"])

    def choice_logprobs(self, messages: Sequence[Message], choices: Sequence[str]) -> Likelihoods:
        def ask() -> dict[str, Any]:
            return asdict(self._model.choice_logprobs(messages, choices))

        row = self._kept([*map(asdict, messages), *choices], ask)
        return Likelihoods(tuple(row["logprobs"]), Usage(**row["usage"]), told=row["told"])

    def _kept(self, asked: list[Any], ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        key = sha256(json.dumps(asked).encode()).hexdigest()
        if key not in self._known:
            began, cpu = time.perf_counter(), time.process_time()
            row = ask() | {"key": key}
            row["ms"] = 1000 * (time.perf_counter() - began)
            row["cpu_ms"] = 1000 * (time.process_time() - cpu)
            self._known[key] = row
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        self.last.append(self._known[key])
        return self._known[key]


def whole_lines(file: Path) -> list[dict[str, Any]]:
    """The rows that are kept; half a line, left by a run that was killed, is cut off."""
    if not file.exists():
        return []
    text = file.read_bytes()
    whole = text[: text.rfind(b"\n") + 1]
    if len(whole) < len(text):
        file.write_bytes(whole)
    return [json.loads(line) for line in whole.decode().split("\n") if line]
