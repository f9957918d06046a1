"""Looking at the set-up: settings with their origin, the schema of the solution file, a check of everything."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command
from surefoot.cli.render import print_json, print_table
from surefoot.cli.workspace import flags, open_space
from surefoot.core.errors import MissingError, SurefootError

config = typer.Typer(help="Show the settings in force.", no_args_is_help=True)
app.add_typer(config, name="config")


@command(config, "show", solution=True)
def show_config(
    options: Options,
    origin: Annotated[
        bool, typer.Option("--origin", help="Say which layer and file gave each value.")
    ] = False,
) -> None:
    """Show application settings and the solution, defaults included.

    Example: surefoot config show --origin
    """
    rows = _setting_rows(options)
    if options.json:
        print_json(
            [{"path": path, "value": value, "origin": source} for path, value, source in rows]
        )
        return
    columns = ("setting", "value", "origin") if origin else ("setting", "value")
    print_table(columns, [row[: len(columns)] for row in rows])


@command(app)
def schema(options: Options) -> None:
    """Print the JSON Schema of the solution file, every kind of part included.

    Example: surefoot schema > solution.schema.json
    """
    from surefoot.config.registry import Registry
    from surefoot.config.schema import solution_schema

    del options
    print_json(solution_schema(Registry()))


@command(app)
def doctor(options: Options) -> None:
    """Check installation, models, workspace and index, and say how to mend what is wrong.

    Example: surefoot doctor
    """
    from surefoot.cli.course import stale_lines
    from surefoot.run.doctor import Finding, examine

    root: Path | None = None
    try:
        with open_space(options) as space:
            root = space.root
            findings = examine(space)
            findings += [Finding("warning", "runs", line) for line in stale_lines(space)]
    except MissingError:
        if options.workspace is not None or root is not None:
            raise
        findings = examine(None, flags(options))
    if options.json:
        print_json(findings)
    else:
        for finding in findings:
            mark = {"ok": "ok  ", "warning": "warn", "error": "FAIL"}[finding.level]
            typer.echo(
                f"{mark}  {finding.subject}: {finding.message}"
                + (f" | {finding.hint}" if finding.hint else "")
            )
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(SurefootError.exit_code)


def _setting_rows(options: Options) -> list[tuple[str, Any, str]]:
    from surefoot.cli.command import parse_overrides
    from surefoot.config.flat import flat_settings
    from surefoot.config.settings import load_settings
    from surefoot.config.solution import solution_json

    try:
        space = open_space(options)
    except MissingError:
        resolved = load_settings(flags=flags(options))
        return [
            (key, str(getattr(resolved.settings, key)), resolved.origins[key])
            for key in resolved.origins
        ]
    with space:
        resolved = space.settings
        rows = [
            (key, str(getattr(resolved.settings, key)), resolved.origins[key])
            for key in resolved.origins
        ]
        written = flat_settings(space.written_settings())
        overrides = parse_overrides(options.overrides)
        for path, value in flat_settings(solution_json(space.solution)).items():
            source = (
                "--set"
                if path in overrides
                else (space.solution_file.name if path in written else "default")
            )
            rows.append((f"solution.{path}", value, source))
    return rows
