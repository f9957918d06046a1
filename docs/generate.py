"""Writes the generated pages of docs/: the command line from its help, the solution file from its settings.

Run `make docs`; a test compares the pages with what this prints.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from inspect import getdoc
from pathlib import Path
from typing import Any

import typer
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from surefoot.cli import main as cli
from surefoot.cli.app import app
from surefoot.config.base import Part, PartSettings, Settings, listed_settings, nested_settings
from surefoot.config.registry import Registry
from surefoot.config.schema import part_settings
from surefoot.config.settings import AppSettings
from surefoot.config.solution import Cleaning, Corpus, Limits, Solution
from surefoot.optimize.advise.advice import advise
from surefoot.optimize.advise.forms import form_of
from surefoot.optimize.advise.interview import Answers
from surefoot.optimize.advise.page import table_text
from surefoot.optimize.advise.rule import KEYS, combinations
from surefoot.optimize.advise.words import word

DOCS = Path(__file__).parent
GENERATED = "<!-- Written by docs/generate.py; edit the help texts and settings instead. -->\n"


def pages() -> dict[str, str]:
    """File name to text of each generated page."""
    return {
        "cli.md": cli_page(),
        "solution-file.md": solution_page(),
        "which-method.md": which_method_page(),
    }


def cli_page() -> str:
    """Every command with its help."""
    cli._register()
    root = typer.main.get_command(app)
    lines = ["# The command line", "", GENERATED, *_everywhere(root)]
    for path, command in _commands(root, ("surefoot",)):
        help_text = (command.help or "").replace("\b", "").strip()
        lines += [
            f"## `{' '.join(path)}`",
            "",
            help_text.replace("Example: ", "Example: `", 1)
            + ("`" if "Example: " in help_text else ""),
            "",
        ]
        rows = [row for parameter in command.params for row in [_parameter(parameter)] if row]
        if rows:
            lines += ["| argument or option | what it does |", "| --- | --- |", *rows, ""]
    return "\n".join(lines)


def _everywhere(root: Any) -> list[str]:
    command = root.commands["ask"]
    rows = [_row(parameter) for parameter in command.params if parameter.name in EVERYWHERE]
    return ["Every command takes:", "", "| option | what it does |", "| --- | --- |", *rows, ""]


def _commands(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    for name, child in sorted(getattr(command, "commands", {}).items()):
        yield from _commands(child, (*path, name))


EVERYWHERE = {"workspace", "json", "quiet", "verbose", "debug", "yes", "no_input", "offline"}


def _parameter(parameter: Any) -> str:
    if parameter.name in (*EVERYWHERE, "help", "install_completion", "show_completion"):
        return ""
    return _row(parameter)


def _row(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        name = f"`{parameter.name}`"
    else:
        name = ", ".join(f"`{option}`" for option in parameter.opts)
    return f"| {name} | {(parameter.help or '').replace('|', '/')} |"


def solution_page() -> str:
    """Every setting of the solution file and of the application."""
    lines = [
        "# The solution file",
        "",
        GENERATED,
        "`surefoot schema` prints the same as a JSON Schema.",
        "",
    ]
    for title, model in (
        ("Top level", Solution),
        ("`[corpus]`", Corpus),
        ("`[corpus.clean]`", Cleaning),
        ("`[corpus.limits]`", Limits),
    ):
        lines += [f"## {title}", "", _said(model), "", *_settings(model), ""]
    for role, kinds in sorted(part_settings(Registry()).items()):
        lines += [f"## Kinds of {role}", ""]
        for kind, model in sorted(kinds.items()):
            lines += [f"### `{kind}`", "", _said(model), "", *_settings(model), ""]
            lines += _inner(kind, model)
    lines += ["# Application settings", "", _said(AppSettings), "", *_settings(AppSettings)]
    return "\n".join(lines) + "\n"


def _inner(kind: str, model: type[Settings]) -> Iterator[str]:
    """The settings that stand inside a setting of a part."""
    for name, field in model.model_fields.items():
        inner = nested_settings(field.annotation) or listed_settings(field.annotation)
        if inner is not None and inner not in (Cleaning, Limits):
            yield from (f"#### `{name}` of `{kind}`", "", _said(inner), "", *_settings(inner), "")


def _said(model: type[Settings]) -> str:
    return (getdoc(model) or "").strip()


def _settings(model: type[Settings]) -> list[str]:
    rows = [
        f"| `{field.alias or name}` | {_type(field)} | {_default(field)} "
        f"| {(field.description or '').replace('|', '/')} |"
        for name, field in model.model_fields.items()
        if not (name == "kind" and issubclass(model, PartSettings))
    ]
    return ["| setting | type | default | |", "| --- | --- | --- | --- |", *rows] if rows else []


def _type(field: FieldInfo) -> str:
    part = next((mark for mark in field.metadata if isinstance(mark, Part)), None)
    if part is not None:
        many = "list of " if "tuple" in str(field.annotation) else ""
        return f"{many}{part.role}, see below"
    annotation = field.annotation
    text = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    text = re.sub(r"\bsurefoot\.[\w.]+\.(\w+)", r"\1", text)
    text = re.sub(r"Annotated\[(\w+), [^\]]*\]", r"\1", text)
    for noise in (
        "typing.",
        "collections.abc.",
        "surefoot.config.base.",
        "surefoot.config.solution.",
        "Literal",
    ):
        text = text.replace(noise, "")
    bounds = [
        f"{word} {getattr(mark, name)}"
        for mark in field.metadata
        for name, word in (
            ("ge", "at least"),
            ("gt", "more than"),
            ("le", "at most"),
            ("lt", "less than"),
        )
        if getattr(mark, name, None) is not None
    ]
    return f"{text} {', '.join(bounds)}".strip().replace("|", "or")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if field.default_factory is not None or field.default is PydanticUndefined:
        return "see below"
    return f"`{field.default!r}`" if not isinstance(field.default, Settings) else "see below"


def which_method_page() -> str:
    """The page as it stands, with the tables of the rule of thumb filled in between their marks."""
    text = (DOCS / "which-method.md").read_text(encoding="utf-8")
    for mark, block in (
        ("rule", table_text(advise(Answers()))),
        ("combinations", combinations_table()),
    ):
        begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}\n{block}\n{end}{rest.partition(end)[2]}"
    return text


def combinations_table() -> str:
    """What is advised for each combination of the six answers."""
    rows = [
        f"| {' | '.join('yes' if getattr(needs, key) else '' for key in KEYS)} "
        f"| {word('en', f'title.{form_of(needs)}')} |"
        for needs in combinations()
    ]
    head = [f"| {' | '.join(KEYS)} | advice |", "| --- " * (len(KEYS) + 1) + "|"]
    said = "<summary>The table: what is advised for each; an empty cell is no</summary>"
    return "\n".join(["<details>", said, "", *head, *rows, "", "</details>"])


if __name__ == "__main__":
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{DOCS / name}\n")
