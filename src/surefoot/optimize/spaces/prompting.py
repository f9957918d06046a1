"""What is worth trying of how a chat model is asked: wordings of its prompt, thoughts before the answer, examples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from surefoot.config.prompts import Prompts
from surefoot.config.solution import Solution
from surefoot.core.errors import ConfigError, MissingError
from surefoot.generate.answer_settings import FINDING, AnswerSettings

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace

EXAMPLES: Final = "examples"
"""The folder of a workspace in which files of examples lie; examples.jsonl beside it is one too."""
_COUNTS: Final = (1, 3, 5)
_FIXED, _NEAREST = 3, 5
_CITING: Final = {"answer/cited", "answer/short", "answer/strict"}
_FORMS: Final = {"answer/house"}
_STEPS: Final = {FINDING}  # what it replies is no answer yet


@dataclass(frozen=True, slots=True)
class Wordings:
    """What there is beside what is used: prompts like the present one, and files of examples by their path."""

    prompts: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


def wordings(space: Workspace) -> Wordings:
    """What the workspace has for the stage that asks a chat model; nothing where there is none."""
    stage = _asking(space.solution)
    if stage is None:
        return Wordings()
    setting, prompts = _prompt_of(space.solution, stage), Prompts(space.place.prompts)
    try:
        beside = prompts.beside(getattr(stage, setting))
    except (ConfigError, MissingError):
        beside = []  # whoever builds the solution says what is wrong with it
    unfit = _STEPS | (_CITING if stage.reply == "plain" else _FORMS)
    return Wordings(tuple(name for name in beside if name not in unfit), tuple(_files(space.root)))


def prompt_choices(base: Solution, told: Wordings) -> dict[str, Any]:
    """Path to values, as a space file has them; empty where no stage asks a chat model."""
    stage = _asking(base)
    if stage is None:
        return {}
    found: dict[str, Any] = {"stages.answer.thinking": [False, True]}
    setting = _prompt_of(base, stage)
    if told.prompts:
        found[f"stages.answer.{setting}"] = [getattr(stage, setting), *told.prompts]
    if stage.examples is not None:
        counts = sorted({stage.examples.count, *_COUNTS})
        found["stages.answer.examples.mode"] = ["fixed", "nearest"]
        found["stages.answer.examples.count"] = counts
    return found


def prompt_axes(base: Solution, told: Wordings) -> Iterator[dict[str, Any]]:
    """Files of examples, where there are some and none is used."""
    stage = _asking(base)
    if stage is not None and stage.examples is None and told.examples:
        yield example_axis([(name, shown(name)) for name in told.examples])


def example_axis(
    options: Sequence[tuple[str, Sequence[dict[str, Any]]]], base: str = "none"
) -> dict[str, Any]:
    """The axis over examples, as a space file has it: by file, the ways in which it may be shown.

    `base` is what the base's own is called.
    """
    labelled = {
        _label(name, way): {"stages.answer.examples": way} for name, ways in options for way in ways
    }
    return {"name": "examples", "options": {base: {}, **labelled}}


def shown(file: str) -> list[dict[str, Any]]:
    """The ways in which a file of examples is worth trying."""
    return [
        {"file": file, "mode": "fixed", "count": _FIXED},
        {"file": file, "mode": "nearest", "count": _FIXED},
        {"file": file, "mode": "nearest", "count": _NEAREST},
    ]


def _label(file: str, way: dict[str, Any]) -> str:
    return f"{way['mode']} {way['count']} of {Path(file).stem}"


def _files(root: Path) -> Iterator[str]:
    alone = root / f"{EXAMPLES}.jsonl"
    if alone.is_file():
        yield alone.name
    for file in sorted((root / EXAMPLES).glob("*.jsonl")):
        yield file.relative_to(root).as_posix()


def _asking(base: Solution) -> AnswerSettings | None:
    return next((stage for stage in base.stages if isinstance(stage, AnswerSettings)), None)


def _prompt_of(base: Solution, stage: AnswerSettings) -> str:
    """The setting that names the prompt in use: `plain` where no passages are shown."""
    return "prompt" if base.corpus is not None and stage.passages else "plain"
