"""The parts that a solution file can name, with a line each, and the settings of one."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command
from surefoot.cli.render import print_json, print_table
from surefoot.core.errors import ConfigError, MissingError

parts = typer.Typer(help="Show what a solution can be made of.", no_args_is_help=True)
app.add_typer(parts, name="parts")


@command(parts, "list")
def list_parts(
    options: Options,
    role: Annotated[
        str | None, typer.Argument(help="Only one role, such as stage or chunker.")
    ] = None,
) -> None:
    """List all parts: role, kind, where each comes from, and what it does.

    Example: surefoot parts list stage
    """
    from surefoot.config.registry import Registry

    registry = Registry()
    known = sorted({entry.role for entry in registry.entries})
    if role is not None and role not in known:
        raise MissingError(f"there is no role {role!r}", hint=f"known: {', '.join(known)}")
    rows = [
        (entry.role, entry.kind, entry.origin, _line(registry, entry.role, entry.kind))
        for entry in registry.entries
        if role in (None, entry.role)
    ]
    columns = ("role", "kind", "from", "what it does")
    if options.json:
        print_json([dict(zip(("role", "kind", "from", "does"), row, strict=True)) for row in rows])
    else:
        print_table(columns, rows)


@command(parts, "show")
def show_part(
    options: Options,
    kind: Annotated[str, typer.Argument(help="The kind, such as search.")],
) -> None:
    """Show the settings of a part, each with its default.

    Example: surefoot parts show search
    """
    from surefoot.config.registry import Registry

    registry = Registry()
    found = [entry for entry in registry.entries if entry.kind == kind]
    if not found:
        raise MissingError(f"there is no part {kind!r}", hint="surefoot parts list shows all")
    shown: list[dict[str, Any]] = [
        {
            "role": entry.role,
            "kind": kind,
            "does": _line(registry, entry.role, kind),
            "settings": _settings(registry.settings_class(entry.role, kind)),
        }
        for entry in found
    ]
    if options.json:
        print_json(shown)
        return
    for one in shown:
        typer.echo(f"{one['role']} {kind}: {one['does']}\n")
        print_table(
            ("setting", "default", "what it says"),
            [(s["name"], s["default"], s["description"]) for s in one["settings"]],
        )


def _line(registry: Any, role: str, kind: str) -> str:
    """The first line of the settings' docstring; a broken third-party part says that it is."""
    try:
        words = registry.settings_class(role, kind).__doc__ or ""
    except ConfigError as problem:
        return f"broken: {problem.message}"
    return str(words.strip().split("\n\n")[0]).replace("\n    ", " ")


def _settings(settings: Any) -> list[dict[str, str]]:
    return [
        {
            "name": name,
            "default": "required"
            if field.is_required()
            else str(field.get_default(call_default_factory=True)),
            "description": field.description or "",
        }
        for name, field in settings.model_fields.items()
        if name != "kind"
    ]
