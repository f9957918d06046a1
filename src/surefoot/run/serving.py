"""Chooses which index answers, so that another chunker or encoder is built beside the one that does.

A recipe's index counts once a sync over all sources has ended well; until then the live one answers,
with the corpus settings that it was built with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from surefoot.config.base import parse
from surefoot.config.registry import Registry
from surefoot.config.solution import RECIPE, Corpus, Solution
from surefoot.core.errors import ConfigError

if TYPE_CHECKING:
    from surefoot.run.build import Resources

BUILT = "built:"


@dataclass(frozen=True, slots=True)
class Serving:
    """The solution whose corpus settings fit the index that answers; `note` says when they are the former ones."""

    solution: Solution
    note: str = ""


def choose(wanted: Resources, registry: Registry) -> Serving:
    """The solution as written where its index is complete or none is; else with the live index's settings."""
    from surefoot.store.tables import Tables

    solution = wanted.solution
    if solution.corpus is None:
        return Serving(solution)
    tables = Tables(wanted.place.tables, read_only=True)
    manifest = tables.manifest()
    live = manifest.get("live")
    if live is None or live == wanted.recipe or f"{BUILT}{wanted.recipe}" in manifest:
        return Serving(solution)
    built = manifest.get(f"{BUILT}{live}")
    if built is None:
        return Serving(solution)
    former = parse(Corpus, built, registry, where=f"the index {live}")
    note = "the index of these settings is not complete: the former one answers until surefoot sync has ended"
    now = solution.corpus
    corpus = former.model_copy(
        update={"sources": now.sources, "limits": now.limits, "isolation": now.isolation}
    )
    return Serving(solution.model_copy(update={"corpus": corpus}), note)


def is_live(resources: Resources) -> bool:
    """Whether the index of these settings is the one that answers."""
    return resources.index().tables.live() == resources.recipe


def record_built(built: Resources) -> None:
    """Records that an index is complete, with the corpus settings that it was built with."""
    tables, key = built.index().tables, f"{BUILT}{built.recipe}"
    settings = built.corpus.model_dump(mode="json", include=set(RECIPE))
    if tables.manifest().get(key) != settings:
        tables.record(key, settings)


def is_built(resources: Resources) -> bool:
    """Whether the index of these settings is complete, be it the live one or another."""
    from surefoot.store.tables import Tables

    manifest = Tables(resources.place.tables, read_only=True).manifest()
    return manifest.get("live") == resources.recipe or f"{BUILT}{resources.recipe}" in manifest


def drop_built(resources: Resources) -> None:
    """Drops the index of these settings.

    Raises:
        ConfigError: it is the one that answers, or a snapshot needs it.
    """
    from surefoot.store.recipes import drop_recipe
    from surefoot.store.tables import Tables

    drop_recipe(resources.place.tables, resources.recipe)
    Tables(resources.place.tables).forget(f"{BUILT}{resources.recipe}")


def make_live(built: Resources) -> list[str]:
    """Makes a complete index the live one and drops the former; says what was done."""
    from surefoot.store.recipes import drop_recipe, switch

    tables, digest = built.index().tables, built.recipe
    former = tables.live()
    if former == digest:
        return []
    switch(built.place.tables, digest)
    if former is None:
        return []
    try:
        drop_recipe(built.place.tables, former)
    except ConfigError as problem:
        return [f"the new index answers now; the former one stays: {problem.message}"]
    tables.forget(f"{BUILT}{former}")
    return ["the new index answers now; the former one was dropped"]
