"""What every command shares: options, how errors leave, and exit codes. Knows no command."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from surefoot.core.errors import ConfigError

EVERYWHERE = "Options everywhere"
SOLUTION = "Which solution"


@dataclass(frozen=True, slots=True)
class Options:
    """The options that every command takes."""

    workspace: Path | None
    json: bool
    quiet: bool
    verbose: bool
    debug: bool
    yes: bool
    no_input: bool
    offline: bool
    solution: str | None = None
    overrides: tuple[str, ...] = ()
    explain: bool = False


class GroupedHelp(typer.core.TyperCommand):
    """A command whose help shows arguments, its own options and the shared ones apart."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Writes one section a group."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                kind = "Arguments" if parameter.param_type_name == "argument" else "Options"
                groups.setdefault(getattr(parameter, "rich_help_panel", None) or kind, []).append(
                    record
                )
        for title, records in groups.items():
            with formatter.section(title):
                formatter.write_dl(records)


def _everywhere() -> dict[str, Any]:
    def option(*names: str, help: str, kind: Any, default: Any) -> tuple[Any, Any]:
        return Annotated[kind, typer.Option(*names, help=help, rich_help_panel=EVERYWHERE)], default

    return {
        "workspace": option(
            "--workspace",
            "-w",
            help="Folder of the workspace; found by walking up.",
            kind=Path | None,
            default=None,
        ),
        "json": option("--json", help="One JSON document on stdout.", kind=bool, default=False),
        "quiet": option(
            "--quiet", "-q", help="No progress and no notes.", kind=bool, default=False
        ),
        "verbose": option("--verbose", "-v", help="Say more.", kind=bool, default=False),
        "debug": option(
            "--debug", help="Show the traceback of an error.", kind=bool, default=False
        ),
        "yes": option(
            "--yes", "-y", help="Answer yes to every question.", kind=bool, default=False
        ),
        "no_input": option("--no-input", help="Never ask.", kind=bool, default=False),
        "offline": option("--offline", help="Never touch the network.", kind=bool, default=False),
    }


def _which_solution() -> dict[str, Any]:
    return {
        "solution": (
            Annotated[
                str | None,
                typer.Option(
                    "--solution", help="Name in solutions/, or a file.", rich_help_panel=SOLUTION
                ),
            ],
            None,
        ),
        "overrides": (
            Annotated[
                list[str] | None,
                typer.Option(
                    "--set",
                    metavar="PATH=VALUE",
                    help="A setting of the solution, for this call.",
                    rich_help_panel=SOLUTION,
                ),
            ],
            None,
        ),
    }


def _explaining() -> dict[str, Any]:
    text = "Show what each stage did to the hits, and what it dropped."
    return {"explain": (Annotated[bool, typer.Option("--explain", help=text)], False)}


def command(
    app: typer.Typer, name: str | None = None, *, solution: bool = False, explains: bool = False
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Registers `fn(options, ...)` as a command that also takes the shared options.

    A parameter whose type is a dataclass stands for the options that are its fields.
    """

    def register(fn: Callable[..., None]) -> Callable[..., None]:
        shared = _everywhere() | (_which_solution() if solution else {})
        shared |= _explaining() if explains else {}
        hints = get_type_hints(fn, include_extras=True)
        own = list(inspect.signature(fn).parameters.values())[1:]
        groups = {p.name: hints[p.name] for p in own if is_dataclass(hints[p.name])}
        parameters = [q for p in own for q in _spread(p, hints[p.name])] + [
            inspect.Parameter(
                key, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
            )
            for key, (annotation, default) in shared.items()
        ]

        def run(**values: Any) -> None:
            picked = {f.name: values.pop(f.name) for f in fields(Options) if f.name in values}
            picked["overrides"] = tuple(picked.get("overrides") or ())
            for group, kind in groups.items():
                values[group] = kind(**{f.name: values.pop(f.name) for f in fields(kind)})
            fn(Options(**picked), **values)

        run.__doc__ = fn.__doc__
        run.__name__ = fn.__name__
        run.__module__ = fn.__module__
        run.__annotations__ = {p.name: p.annotation for p in parameters}
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        app.command(name, cls=GroupedHelp)(run)
        return fn

    return register


def _spread(parameter: inspect.Parameter, kind: Any) -> list[inspect.Parameter]:
    """The parameter itself, or one for each field of its dataclass."""
    if not is_dataclass(kind):
        return [parameter.replace(annotation=kind)]
    hints = get_type_hints(kind, include_extras=True)
    return [
        inspect.Parameter(
            f.name, inspect.Parameter.KEYWORD_ONLY, default=f.default, annotation=hints[f.name]
        )
        for f in fields(kind)
    ]


def parse_overrides(pairs: tuple[str, ...]) -> dict[str, Any]:
    """`path=value` pairs as values: TOML where it reads as TOML (numbers, true, lists), else text."""
    import tomllib

    found: dict[str, Any] = {}
    for pair in pairs:
        path, equals, value = pair.partition("=")
        if not equals or not path:
            raise ConfigError(
                f"{pair!r} is not PATH=VALUE", where="--set", hint="try --set stages.0.keep=5"
            )
        try:
            found[path.strip()] = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            found[path.strip()] = value
    return found


def confirm(options: Options, question: str) -> None:
    """Asks a person; where there is none, `--yes` must have said it.

    Raises:
        ConfigError: nobody can be asked.
    """
    if options.yes:
        return
    if options.no_input or options.json or not sys.stdin.isatty():
        raise ConfigError("this needs a yes", hint="add --yes")
    typer.confirm(question, abort=True, err=True)
