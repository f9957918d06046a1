"""Models: what the catalog has, fetching ahead, checking what is in the cache."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command
from surefoot.cli.render import ShowProgress, print_json, print_table, progress, say
from surefoot.cli.workspace import flags
from surefoot.core.errors import DataError

if TYPE_CHECKING:
    from surefoot.config.catalog import ModelCard
    from surefoot.models.base import ModelEnv

models = typer.Typer(help="List, fetch and check model weights.", no_args_is_help=True)
app.add_typer(models, name="models")

Aliases = Annotated[list[str], typer.Argument(help="Aliases, as surefoot models list shows them.")]


@command(models, "list")
def list_models(options: Options) -> None:
    """List the models of the catalog.

    Example: surefoot models list
    """
    from surefoot.config.catalog import load_catalog
    from surefoot.models.fetch import status

    env = _env(options)
    cards = load_catalog().cards.values()
    if options.json:
        print_json([_described(card, env) for card in cards])
        return
    print_table(
        ("model", "role", "languages", "MB", "licence", "state"),
        [
            (c.alias, c.role, " ".join(c.languages), _megabytes(c), c.licence, status(c, env))
            for c in cards
        ],
    )


@command(models)
def prices(options: Options) -> None:
    """List the prices of models behind known addresses, each with its day and source.

    Those of an endpoint in the solution go before them.

    Example: surefoot models prices
    """
    from surefoot.config.prices import price_table

    if options.json:
        print_json([asdict(row) for row in price_table()])
        return
    print_table(
        ("host", "model", "USD a million prompt tokens", "completion tokens", "as of", "source"),
        [
            (row.host, row.model, price.prompt, price.completion, price.as_of, price.source)
            for row in price_table()
            for price in (row.price,)
        ],
    )


@command(models)
def fetch(
    options: Options,
    aliases: Aliases,
    into: Annotated[
        Path | None, typer.Option("--into", help="A folder to carry to a machine without network.")
    ] = None,
) -> None:
    """Bring models into the cache, checked by hash.

    On a machine without network, point SUREFOOT_MODELS at the folder given to --into.

    Example: surefoot models fetch all-minilm-l6-v2
    """
    from surefoot.config.catalog import load_catalog
    from surefoot.models import fetch as fetching

    env = _env(options, into)
    folders = {}
    for alias in aliases:
        with progress(alias, quiet=options.quiet or options.json) as show:
            folders[alias] = fetching.fetch(load_catalog().get(alias), env, _by_name(show))
    if options.json:
        print_json(folders)
    else:
        for alias, folder in folders.items():
            typer.echo(f"{alias}\t{folder}")


@command(models)
def show(
    options: Options, model: Annotated[str, typer.Argument(help="An alias, or a .gguf file.")]
) -> None:
    """Show what is known of a model, and which engine would run it and why.

    Example: surefoot models show smollm2-135m
    """
    from surefoot.config.catalog import load_catalog

    env = _env(options)
    catalog = load_catalog()
    known: dict[str, Any] = {}
    if model in catalog or not Path(model).exists():
        known = _described(catalog.get(model), env)
    if not known or known["role"] == "chat":
        from surefoot.models.chat import explain_engine

        known["engine"] = explain_engine(model, env)
    if options.json:
        print_json(known)
    else:
        for key, value in known.items():
            typer.echo(
                f"{key}: {', '.join(map(str, value)) if isinstance(value, list | tuple) else value}"
            )


@command(models)
def verify(options: Options, aliases: Aliases) -> None:
    """Hash the weights in the cache again and compare.

    Example: surefoot models verify multilingual-e5-small
    """
    from surefoot.config.catalog import load_catalog
    from surefoot.models import fetch as fetching

    env = _env(options)
    wrong = {alias: fetching.verify(load_catalog().get(alias), env) for alias in aliases}
    if options.json:
        print_json(wrong)
    else:
        for alias, mismatches in wrong.items():
            typer.echo(f"{alias}\t{'wrong' if mismatches else 'ok'}")
            for mismatch in mismatches:
                say(
                    f"{mismatch.file}: is {mismatch.found or 'gone'}, should be {mismatch.expected}"
                )
    if any(wrong.values()):
        say("try: surefoot models remove, then fetch", quiet=options.quiet)
        raise typer.Exit(DataError.exit_code)


@command(models)
def remove(options: Options, aliases: Aliases) -> None:
    """Take models out of the cache.

    Example: surefoot models remove all-minilm-l6-v2
    """
    from surefoot.config.catalog import load_catalog
    from surefoot.models import fetch as fetching

    env = _env(options)
    removed = {alias: fetching.remove(load_catalog().get(alias), env) for alias in aliases}
    if options.json:
        print_json(removed)
    else:
        for alias, was_there in removed.items():
            typer.echo(f"{alias}\t{'removed' if was_there else 'was not there'}")


def _by_name(show: ShowProgress) -> Callable[[str, int, int], None]:
    def report(name: str, done: int, total: int) -> None:
        show(done, total, name)

    return report


def _env(options: Options, into: Path | None = None) -> ModelEnv:
    from surefoot.config.settings import load_settings
    from surefoot.models.base import ModelEnv

    settings = load_settings(workspace=options.workspace, flags=flags(options)).settings
    return ModelEnv(
        into.expanduser().resolve() if into else settings.models, settings.offline, settings.threads
    )


def _described(card: ModelCard, env: ModelEnv) -> dict[str, Any]:
    from surefoot.models.fetch import model_folder, status

    state = status(card, env)
    described = {
        key: value
        for key, value in card.model_dump(mode="json", exclude={"files"}).items()
        if value
    }
    described["megabytes"] = _megabytes(card)
    described["files"] = [f"{file.name} sha256:{file.sha256}" for file in card.files]
    described["state"] = state
    if state == "ready":
        described["folder"] = str(model_folder(card, env))
    return described


def _megabytes(card: ModelCard) -> int:
    return round(sum(file.bytes for file in card.files) / 1e6)
