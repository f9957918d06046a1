"""Tells when files of a corpus change on this machine. Reads none of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any, Final

from surefoot.config.solution import Corpus
from surefoot.core.errors import MissingExtra
from surefoot.run.places import INNER

_QUIET_MS: Final = 300
"""Changes that follow each other faster are one."""
_LONGEST_MS: Final = 3000
_LOOK_MS: Final = 1000
_WILD: Final = frozenset("*?[")

Places = frozenset[Path]


def check_watching() -> None:
    """Raises MissingExtra where the library that is told of changes is not installed."""
    try:
        import watchfiles  # noqa: F401
    except ImportError:
        raise MissingExtra("watchfiles", extra="watch", why="to see changed files") from None


def places_of(corpus: Corpus, root: Path) -> Places:
    """The folders and files on this machine that the sources read; relative ones lie in the workspace `root`."""
    found = {root / _fixed(name) for settings in corpus.sources for name in _named(settings)}
    return frozenset(place.resolve() for place in found if place.exists())


def watch(places: Callable[[], Places], changed: Callable[[], None], stop: Event) -> None:
    """Calls `changed` after each burst of changes below the places, until `stop`.

    The places are asked for once a second, so that a source that is added or mounted later is watched too.
    """
    from watchfiles import watch as changes

    fresh = False
    while not stop.is_set():
        now = places()
        if not now:
            stop.wait(_LOOK_MS / 1000)
            continue
        told = changes(
            *now,
            watch_filter=_counts,
            debounce=_LONGEST_MS,
            step=_QUIET_MS,
            stop_event=stop,
            rust_timeout=_LOOK_MS,
            yield_on_timeout=True,
            raise_interrupt=False,
            ignore_permission_denied=True,
        )
        try:
            fresh = _until_moved(told, now, places, changed, missed=fresh)
        except FileNotFoundError:  # a place went away before it was watched
            fresh = True


def _until_moved(
    told: Iterator[Any],
    now: Places,
    places: Callable[[], Places],
    changed: Callable[[], None],
    *,
    missed: bool,
) -> bool:
    """Tells of changes until other places are to be watched; what changes between is told then."""
    for changes in told:
        if changes or missed:
            changed()
            missed = False
        replaced = bool(changes) and any(place.is_file() for place in now)
        if replaced or places() != now:
            return True
    return False


def _counts(_: object, path: str) -> bool:
    """What surefoot itself writes is no change."""
    return INNER not in Path(path).parts


def _named(settings: Any) -> Iterator[str]:
    for name in ("path", "pattern"):
        if value := getattr(settings, name, ""):
            yield str(value)
    yield from getattr(settings, "paths", ())


def _fixed(name: str) -> Path:
    """The folder of a pattern up to its first wildcard; a plain path as it is."""
    parts: list[str] = []
    for part in Path(name).expanduser().parts:
        if _WILD & set(part):
            break
        parts.append(part)
    return Path(*parts)
