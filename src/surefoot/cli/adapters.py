"""Trained models of a workspace: seen, merged, exported, removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command, confirm
from surefoot.cli.render import print_json, print_table, progress, say
from surefoot.cli.workspace import flags
from surefoot.core.errors import ConfigError, DataError, SurefootError

if TYPE_CHECKING:
    from surefoot.models.base import ModelEnv
    from surefoot.tune.artefact import Parity, Trained

adapters = typer.Typer(help="See, merge, export and remove trained models.", no_args_is_help=True)
app.add_typer(adapters, name="adapters")

Name = Annotated[str, typer.Argument(help="What the trained model is called.")]
_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Replay:
    """What an export is tried on."""

    rows: Annotated[
        Path | None,
        typer.Option("--rows", help="Rows whose prompts are replayed; its own if not given."),
    ] = None
    prompts: Annotated[int, typer.Option("--prompts", min=1, help="Prompts to replay.")] = 50
    tolerance: Annotated[
        float | None,
        typer.Option("--tolerance", min=0, max=1, help="Agreement from which it is good."),
    ] = None
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the file of an export that is not good.")
    ] = False


@command(adapters, name="list")
def list_(options: Options) -> None:
    """List what was trained here: kind, base, size, and whether its exports answer as it does.

    Example: surefoot adapters list
    """
    from surefoot.run.adapters import list_adapters

    root = _root(options)
    cards = list_adapters(root)
    if options.json:
        print_json([_described(root, card) for card in cards])
        return
    print_table(
        ("name", "kind", "method", "base", "MiB", "parity"),
        [
            (card.name, card.kind, card.method, card.base, _sizes(root, card.name), _held(card))
            for card in cards
        ],
    )


@command(adapters)
def show(options: Options, name: Name) -> None:
    """Show a trained model: base, rows, settings, what it took, each form with its size and parity.

    Example: surefoot adapters show house
    """
    from surefoot.run.adapters import find_adapter, storage, users_of
    from surefoot.tune.artefact import read_card

    root = _root(options)
    folder = find_adapter(root, name)
    card, users = read_card(folder), users_of(root, name)
    if options.json:
        print_json({**_described(root, card), "folder": str(folder), "named_by": users})
        return
    for key, value in card.model_dump(mode="json", exclude={"files", "parity", "schema_"}).items():
        if value not in ("", None, {}, [], 0):
            typer.echo(f"{key}: {_plain(value)}")
    typer.echo(f"folder: {folder}\nnamed by: {', '.join(users) or 'no solution'}")
    typer.echo(f"engine: {_engine(root, name, _env(options, root))}")
    sizes = storage(folder)
    checks = {one.form: one for one in card.parity}
    print_table(
        ("form", "MiB", "engine", "prompts", "agreement", "same", "good"),
        [
            (form, f"{sizes.get(form, 0) / _MIB:.1f}", *_checked(checks.get(form)))
            for form in {**sizes, **checks}
        ],
    )


@command(adapters)
def merge(
    options: Options,
    names: Annotated[list[str], typer.Argument(help="Adapters of one base, two or more.")],
    into: Annotated[str, typer.Option("--into", help="What the result is called.")],
    weights: Annotated[
        str, typer.Option("--weights", metavar="W,...", help="One for each; all 1 if not given.")
    ] = "",
    how: Annotated[
        Literal["svd", "linear", "ties", "cat"], typer.Option("--how", help="How they are added.")
    ] = "svd",
) -> None:
    """Add adapters of one base up, each with its weight, to a new one.

    Example: surefoot adapters merge house legal --weights 0.7,0.3 --into both
    """
    from surefoot.run.adapters import find_adapter, new_adapter
    from surefoot.tune.export.weighted import merge_adapters

    root, shares = _root(options), _weights(weights, len(names))
    folders = dict(zip([find_adapter(root, name) for name in names], shares, strict=True))
    target = new_adapter(root, into)
    if len(folders) < len(names):
        raise ConfigError("an adapter is named twice", where="adapters merge")
    card = merge_adapters(folders, target, _env(options, root), name=into, how=how)
    if options.json:
        print_json(_described(root, card))
    else:
        typer.echo(str(target))
        say(f"next: surefoot adapters export {into}", quiet=options.quiet)


@command(adapters)
def export(
    options: Options,
    name: Name,
    form: Annotated[
        list[str] | None,
        typer.Option(
            "--form", help="gguf-adapter, gguf or safetensors; what a solution uses if not given."
        ),
    ] = None,
    number_type: Annotated[
        Literal["f16", "q8_0"], typer.Option("--type", help="Of the matrices in form gguf.")
    ] = "f16",
    *,
    replay: Replay,
) -> None:
    """Write a trained model in another form, and see whether it answers as the trained one does.

    Both answer the same prompts greedily. An export that is not good is taken away again, and the exit code is not 0.

    Example: surefoot adapters export house --form gguf-adapter --form gguf
    """
    from surefoot.optimize.exporting import usual_forms
    from surefoot.run.adapters import find_adapter, rows_of
    from surefoot.tune.artefact import read_card
    from surefoot.tune.export.forms import known_form
    from surefoot.tune.export.gate import Gate, export_checked, gate_prompts

    root = _root(options)
    folder = find_adapter(root, name)
    forms = [known_form(one) for one in form] if form else usual_forms(read_card(folder))
    replayed = gate_prompts([replay.rows] if replay.rows else rows_of(root, name), replay.prompts)
    if not replayed:
        raise ConfigError(
            "there are no prompts to replay", where=name, hint="--rows FILE names rows with some"
        )
    gate = Gate(replayed, replay.tolerance, keep=replay.keep)
    with progress(f"exporting {name}", quiet=options.quiet or options.json):
        found = export_checked(folder, forms, _env(options, root), gate, number_type=number_type)
    _report(folder, found, options)
    if not all(one.good for one in found):
        raise typer.Exit(DataError.exit_code)


@command(adapters)
def remove(
    options: Options,
    name: Name,
    force: Annotated[bool, typer.Option("--force", help="Even where a solution names it.")] = False,
) -> None:
    """Remove a trained model with all its forms.

    Example: surefoot adapters remove house --yes
    """
    from surefoot.run.adapters import find_adapter, remove_adapter

    root = _root(options)
    find_adapter(root, name)
    confirm(options, f"Remove {name} with all its forms?")
    freed = remove_adapter(root, name, forced=force)
    if options.json:
        print_json({"removed": name, "bytes": freed})
    else:
        typer.echo(f"{name} is removed, {freed / _MIB:.1f} MiB")


def _report(folder: Path, found: Sequence[Parity], options: Options) -> None:
    from surefoot.tune.artefact import FOLDERS

    if options.json:
        print_json([one.model_dump(mode="json") for one in found])
        return
    print_table(
        ("form", "engine", "prompts", "agreement", "same", "good"),
        [(one.form, *_checked(one)) for one in found],
    )
    for one in found:
        file = folder / FOLDERS[one.form]
        if one.good:
            say(f"{one.form}: {file}", quiet=options.quiet)
        else:
            kept = f"kept at {file}" if file.exists() else "not kept"
            say(
                f"{one.form} does not answer as the trained model: agreement {one.agreement:.3f}, "
                f"tolerance {one.tolerance:g}; {kept}"
            )


def _described(root: Path, card: Trained) -> dict[str, Any]:
    from surefoot.run.adapters import adapters_root, storage

    return {
        **card.model_dump(mode="json", by_alias=True),
        "bytes": storage(adapters_root(root) / card.name),
    }


def _engine(root: Path, name: str, env: ModelEnv) -> str:
    from surefoot.run.adapters import explain_served

    try:
        choice = explain_served(root, name, env)
    except SurefootError as problem:
        return f"none: {problem.message}" + (f" | {problem.hint}" if problem.hint else "")
    return f"{choice.engine}: {choice.why}"


def _sizes(root: Path, name: str) -> str:
    from surefoot.run.adapters import adapters_root, storage

    sizes = storage(adapters_root(root) / name)
    return ", ".join(f"{form} {size / _MIB:.1f}" for form, size in sizes.items())


def _held(card: Trained) -> str:
    words = [
        f"{one.form} {'good' if one.good else 'NOT good'} ({one.agreement:.2f})"
        for one in card.parity
    ]
    return ", ".join(words) or "not exported"


def _checked(one: Parity | None) -> tuple[str, ...]:
    if one is None:
        return ("", "", "", "", "")
    good = "yes" if one.good else f"no, under {one.tolerance:g}"
    return (one.engine, str(one.prompts), f"{one.agreement:.3f}", f"{one.same:.2f}", good)


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(item)}" for key, item in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _weights(text: str, count: int) -> list[float]:
    try:
        found = [float(part) for part in text.split(",")] if text else [1.0] * count
    except ValueError:
        found = []
    if len(found) != count:
        raise ConfigError(
            f"{text!r} is not {count} numbers", where="--weights", hint="try --weights 0.5,0.5"
        )
    return found


def _root(options: Options) -> Path:
    from surefoot.run.workspace import find_root

    return find_root((options.workspace or Path.cwd()).expanduser().resolve())


def _env(options: Options, root: Path) -> ModelEnv:
    from surefoot.config.settings import load_settings
    from surefoot.models.base import ModelEnv

    found = load_settings(workspace=root, flags=flags(options)).settings
    return ModelEnv(found.models, found.offline, found.threads, root)
