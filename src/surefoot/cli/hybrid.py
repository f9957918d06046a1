"""Hybrids: a solution that sends each question to a tuned half or to one that searches."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command
from surefoot.cli.questions import read_questions
from surefoot.cli.render import print_json, say
from surefoot.cli.workspace import open_space
from surefoot.core.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from surefoot.optimize.hybrid.building import Hybrid, HybridSettings
    from surefoot.optimize.hybrid.halves import Halves
    from surefoot.run.workspace import Workspace

hybrid = typer.Typer(help="Join a tuned solution with one that searches.", no_args_is_help=True)
app.add_typer(hybrid, name="hybrid")


@dataclass(frozen=True, slots=True)
class Parts:
    """Which halves are joined, and on which questions."""

    compare: Annotated[
        str,
        typer.Option(
            "--compare", metavar="ID", help="Join the best halves of this comparison, or of last."
        ),
    ] = ""
    tuned: Annotated[
        str, typer.Option("--tuned", help="Solution of the tuned half: a name or a file.")
    ] = ""
    retrieving: Annotated[
        str, typer.Option("--retrieving", help="Solution of the half that searches.")
    ] = ""
    evalset: Annotated[
        str, typer.Option("--evalset", "-e", help="A name in evalsets/, a JSONL file or a folder.")
    ] = ""


@command(hybrid)
def build(
    options: Options,
    name: Annotated[str, typer.Option("--name", help="Of the solution.")] = "hybrid",
    metric: Annotated[
        str, typer.Option("--metric", help="What quality is; without it the eval set says.")
    ] = "",
    seed: Annotated[int, typer.Option("--seed", help="Of all that is drawn at random.")] = 0,
    lang: Annotated[Literal["en", "zh"], typer.Option("--lang", help="en or zh.")] = "en",
    *,
    parts: Parts = Parts(),
) -> None:
    """Send each question to the half that answers it better; kept only if unseen questions prove that it pays.

    Example: surefoot hybrid build --compare last
    """
    from surefoot.optimize.hybrid.building import HybridSettings
    from surefoot.optimize.hybrid.saying import hybrid_said
    from surefoot.optimize.hybrid.writing import hybrid_file, write_hybrid

    settings = HybridSettings(name=name, metric=metric, seed=seed)
    with open_space(options) as space:
        file = hybrid_file(space, name, overwrite=options.yes)
        found, halves = _built(space, parts, settings, options)
    if found.kept:
        write_hybrid(found, file)
    said = hybrid_said(found, halves, lang)
    if options.json:
        print_json({"hybrid": _plain(found), "file": str(file) if found.kept else "", "said": said})
        return
    for text in said:
        typer.echo(text)
    if found.kept:
        say(f'written to {file}: surefoot ask --solution {name} "..."', quiet=options.quiet)


def _built(
    space: Workspace, parts: Parts, settings: HybridSettings, options: Options
) -> tuple[Hybrid, Halves]:
    from surefoot.config.solution import read_settings
    from surefoot.optimize.compare.files import CompareFiles
    from surefoot.optimize.hybrid.building import build_hybrid
    from surefoot.optimize.hybrid.compared import asker, halves_of, hybrid_of
    from surefoot.optimize.hybrid.halves import Half, Halves
    from surefoot.run.workspace import solution_file

    if parts.compare:
        comparison = CompareFiles.find(space.root / ".surefoot", parts.compare).result
        return hybrid_of(space, comparison, settings), halves_of(comparison)
    if not (parts.tuned and parts.retrieving and parts.evalset):
        raise ConfigError(
            "name a comparison, or both halves and an eval set",
            where="surefoot hybrid build",
            hint="--compare last, or --tuned NAME --retrieving NAME --evalset NAME",
        )

    def half(name: str) -> Half:
        file: Path = solution_file(space.root, name)
        return Half(file.stem, read_settings(file))

    halves = Halves(half(parts.tuned), half(parts.retrieving))
    questions = read_questions(options, parts.evalset)
    return build_hybrid(space, halves, questions, asker(space), settings), halves


def _plain(found: Hybrid) -> dict[str, object]:
    """The hybrid without the rows of every question."""
    return {key: value for key, value in asdict(found).items() if key != "rows"}
