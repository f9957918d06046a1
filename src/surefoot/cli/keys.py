"""Keys for the server: `surefoot keys create|list|rotate|revoke`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Annotated, Any

import typer

from surefoot.cli.app import app
from surefoot.cli.command import Options, command
from surefoot.cli.render import print_json, print_table, safe, say
from surefoot.cli.workspace import open_space
from surefoot.core.errors import ConfigError
from surefoot.run.places import INNER
from surefoot.store.keys import SCOPES, ApiKey, KeyBook, KeyLimits, Scope

keys = typer.Typer(help="Keys with which others may ask this workspace.", no_args_is_help=True)
app.add_typer(keys, name="keys")

_DAY_NS = 86_400 * 10**9


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a new key may do and use."""

    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", help=f"Of {', '.join(SCOPES)}; ask and search where none is."),
    ] = None
    user: Annotated[str, typer.Option("--user", help="Who asks with it, for rights.")] = ""
    group: Annotated[
        list[str] | None, typer.Option("--group", help="A group of who asks with it.")
    ] = None
    model: Annotated[
        str, typer.Option("--model", help="The solution where requests name none.")
    ] = ""
    days: Annotated[int | None, typer.Option("--days", help="Days until it ends.")] = None
    requests: Annotated[int | None, typer.Option("--requests", help="Requests a minute.")] = None
    concurrent: Annotated[int | None, typer.Option("--concurrent", help="Requests at once.")] = None
    tokens: Annotated[int | None, typer.Option("--tokens", help="Tokens a day.")] = None
    dollars: Annotated[float | None, typer.Option("--dollars", help="US dollars a day.")] = None


@command(keys, "create")
def create(
    options: Options,
    name: Annotated[str, typer.Argument(help="What it is for.")],
    allowed: Allowed,
) -> None:
    """Make a key and show it, once.

    Example: surefoot keys create intranet --user anna --group staff --requests 60
    """
    now = time.time_ns()
    with _book(options) as book:
        key, token = book.create(name, _scopes(allowed.scope or ["ask", "search"]), now)
        key = replace(
            key,
            user=allowed.user,
            groups=tuple(allowed.group or ()),
            solution=allowed.model,
            limits=KeyLimits(allowed.requests, allowed.concurrent, allowed.tokens, allowed.dollars),
            expires_ns=None if allowed.days is None else now + allowed.days * _DAY_NS,
        )
        book.change(key)
    _show_token(options, key, token)


@command(keys, "list")
def list_keys(options: Options) -> None:
    """List the keys with what they may do and used today; revoked and expired ones too.

    Example: surefoot keys list
    """
    now = time.time_ns()
    with _book(options) as book:
        rows = [(key, book.used(key.id, now)) for key in book.all()]
    if options.json:
        print_json([_plain(key) | {"today": use} for key, use in rows])
        return
    columns = ("id", "name", "state", "scopes", "user", "groups", "requests", "tokens", "cost")
    table = (
        (
            key.id,
            safe(key.name),
            _state(key, now),
            ",".join(key.scopes),
            safe(key.user),
            safe(",".join(key.groups)),
            str(use.requests),
            str(use.tokens),
            f"{use.dollars:.4f}",
        )
        for key, use in rows
    )
    print_table(columns, table)


@command(keys, "rotate")
def rotate(
    options: Options, key: Annotated[str, typer.Argument(help="The id of the key.")]
) -> None:
    """Give a key a new secret; the former one opens nothing from now on.

    Example: surefoot keys rotate 3f9a0c17d2b4
    """
    with _book(options) as book:
        changed, token = book.rotate(key)
    _show_token(options, changed, token)


@command(keys, "revoke")
def revoke(
    options: Options, key: Annotated[str, typer.Argument(help="The id of the key.")]
) -> None:
    """End a key for good; a server that runs refuses it at once.

    Example: surefoot keys revoke 3f9a0c17d2b4
    """
    with _book(options) as book:
        changed = book.revoke(key, time.time_ns())
    if options.json:
        print_json(_plain(changed))
    else:
        typer.echo(f"revoked {changed.id} ({safe(changed.name)})")


@contextmanager
def _book(options: Options) -> Iterator[KeyBook]:
    with open_space(options) as space:
        ledger = space.settings.settings.ledger
        book = KeyBook(ledger) if ledger else KeyBook.at(space.root / INNER)
        try:
            yield book
        finally:
            book.close()


def _scopes(given: list[str]) -> tuple[Scope, ...]:
    known: dict[str, Scope] = {scope: scope for scope in SCOPES}
    if wrong := [name for name in given if name not in known]:
        raise ConfigError(
            f"{wrong[0]!r} is no scope", where="--scope", hint=f"one of {', '.join(SCOPES)}"
        )
    return tuple(dict.fromkeys(known[name] for name in given))


def _show_token(options: Options, key: ApiKey, token: str) -> None:
    if options.json:
        print_json(_plain(key) | {"key": token})
        return
    typer.echo(token)
    say("keep it: only its hash is stored, and it is not shown again", quiet=options.quiet)


def _plain(key: ApiKey) -> dict[str, Any]:
    return {name: getattr(key, name) for name in key.__slots__ if name != "hashed"}


def _state(key: ApiKey, now: int) -> str:
    if key.is_valid(now):
        return "valid"
    return "revoked" if key.revoked_ns is not None else "expired"
