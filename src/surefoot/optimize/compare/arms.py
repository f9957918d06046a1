"""From the workspace's solution to that of each arm: the same answer stage, with and without search, examples, weights.

Nothing is opened or run here; a solution is plain settings, complete in itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from surefoot.config.registry import Registry
from surefoot.core.errors import ConfigError
from surefoot.optimize.compare.result import SEARCHING, Method

Plain = Mapping[str, Any]

_TAKEN_OUT = ("model", "adapter", "examples", "thinking")
"""Settings of the answer stage by which arms differ: each arm has its own."""
_MAX_TOKENS = 400


@dataclass(frozen=True, slots=True)
class Frame:
    """What all arms share: how they search, if they do, and how they answer.

    `answer` are the settings of the answer stage but for those that an arm decides; `model` is the one it names.
    """

    solution: Plain
    searching: tuple[Plain, ...]
    answer: Plain
    model: str = ""

    @property
    def searches(self) -> bool:
        """Whether there are documents to search."""
        return "corpus" in self.solution and bool(self.searching)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an arm has beside the frame: its weights, and for those that show examples the file of rows.

    `thought_tokens` may be said before the answer by the arm that thinks; for the answer it has as many as the others.
    """

    method: Method
    model: str
    examples: str = ""
    shots: int = 0
    thought_tokens: int = 0
    name: str = field(default="")


def frame_of(plain: Plain, registry: Registry | None = None) -> Frame:
    """The frame of the workspace's solution; where its last stage is no chat model's, the default one answers.

    Raises:
        ConfigError: another stage answers in a way that cannot be taken apart, such as a route.
    """
    registry = registry or Registry()
    stages = [dict(stage) for stage in plain.get("stages", ())]
    answering = [stage for stage in stages if _answers(stage, registry)]
    searching = [stage for stage in stages if stage not in answering]
    chosen = answering[-1] if answering else {"kind": "quote"}
    odd = [stage["kind"] for stage in answering if stage["kind"] not in ("answer", "quote")]
    if odd:
        raise ConfigError(
            f"the stage {odd[0]!r} answers, which is no single method",
            where=str(plain.get("name", "surefoot.toml")),
            hint="compare a solution whose last stage is answer: --solution NAME",
        )
    answer = chosen if chosen["kind"] == "answer" else {"kind": "answer"}
    return Frame(
        solution={key: value for key, value in plain.items() if key not in ("stages", "name")},
        searching=tuple(searching),
        answer={key: value for key, value in answer.items() if key not in _TAKEN_OUT},
        model=str(answer.get("model", "")),
    )


def arm_solution(frame: Frame, wanted: Wanted) -> dict[str, Any]:
    """The complete settings of an arm, as a solution file says them."""
    searches = wanted.method in SEARCHING
    kept = {key: value for key, value in frame.solution.items() if searches or key != "corpus"}
    answer = {**frame.answer, "model": wanted.model}
    if wanted.method in ("fewshot", "nearest"):
        mode = "nearest" if wanted.method == "nearest" else "fixed"
        answer["examples"] = {"file": wanted.examples, "mode": mode, "count": wanted.shots}
    if wanted.method == "cot":
        answer["thinking"] = True
        most = int(frame.answer.get("max_tokens", _MAX_TOKENS))
        answer["max_tokens"] = most + wanted.thought_tokens
    stages = [dict(stage) for stage in frame.searching] if searches else []
    name = wanted.name or wanted.method.replace("+", "-")
    return {"schema": 1, **kept, "name": name, "stages": [*stages, answer]}


def _answers(stage: Any, registry: Registry) -> bool:
    """Whether a stage answers, or one that it holds does."""
    if isinstance(stage, Mapping):
        kind = stage.get("kind")
        if kind in registry.kinds("stage"):
            produced = registry.part_class("stage", str(kind)).produces
            if produced == "answer":
                return True
        return any(_answers(value, registry) for value in stage.values())
    return isinstance(stage, list | tuple) and any(_answers(one, registry) for one in stage)
