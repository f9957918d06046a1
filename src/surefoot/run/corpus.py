"""Keeps a workspace's index in step with its sources, and writes new sources into the solution file."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from time import time_ns
from typing import TYPE_CHECKING, Any

from surefoot.config.registry import Registry
from surefoot.config.settings import load_settings
from surefoot.core.digest import digest_json
from surefoot.core.errors import MissingError, TransientError
from surefoot.core.metering import metered
from surefoot.core.roles import DocumentState, Meter, Source
from surefoot.core.types import Expense
from surefoot.run.last_sync import keep_last_sync
from surefoot.run.machine import cpu_seconds
from surefoot.run.media import Shown, media_tools, readable_now
from surefoot.run.pictures import drop_gone_pictures, embed_pictures, with_names
from surefoot.run.serving import is_live, make_live, record_built
from surefoot.run.sources import Named, identity, source_settings
from surefoot.run.switching import switched_off
from surefoot.run.tools import tools_of
from surefoot.run.writing import FREELY, Terms, tidy, write

if TYPE_CHECKING:
    from surefoot.ingest.describe import Descriptions
    from surefoot.ingest.loading import Read
    from surefoot.ingest.plan import Plan, Planned
    from surefoot.ingest.sync import Progress, Report
    from surefoot.run.build import Resources
    from surefoot.run.workspace import Workspace

_UNSAFE = re.compile(r"[^\w.-]+")


def sync(space: Workspace, progress: Progress | None, terms: Terms = FREELY) -> Report:
    """Brings every document of the solution's sources up to date; removes those of former sources."""
    with space.wanted() as resources:
        report = _run(space, resources, resources.sources(), progress, terms=terms)
        record_built(resources)
        notes = make_live(resources) if space.is_default else []
        tidy(resources)
        drop_gone_pictures(resources)
    if space.serving.solution is not space.solution:
        space.reload()
    return replace(report, notes=(*report.notes, *notes))


def build(space: Workspace, sources: Sequence[Source], progress: Progress | None) -> Report:
    """Fills the index of the solution as it is written from these sources; which index is live stays as it is.

    Raises:
        TransientError: a chat model that writes views of it stayed out of reach.
    """
    with space.wanted() as resources:
        report = _run(space, resources, sources, progress)
        if report.writing is not None and report.writing.left:
            raise TransientError(f"views are missing: {report.writing.stopped}")
        record_built(resources)
    space.reload()
    return report


def plan(space: Workspace) -> Plan:
    """What `sync` would do; reads no content unless something may have moved."""
    with space.wanted() as resources:
        off = switched_off(space)
        return _planned(resources, resources.sources(), resources.descriptions(), off).plan


def add_places(
    space: Workspace,
    places: Sequence[Named],
    progress: Progress | None,
    terms: Terms = FREELY,
) -> Report:
    """Writes the places into the solution file where they are new, and ingests them alone.

    Raises:
        MissingError: a place does not exist; nothing is written.
    """
    wanted = [source_settings(place, space.root) for place in places]
    _write_sources(space, wanted)
    with space.wanted() as resources:
        known = {
            identity(settings.model_dump(mode="json")): settings
            for settings in resources.corpus.sources
        }
        sources = [resources.source(known[identity(raw)]) for raw in wanted]
        report = _run(space, resources, sources, progress, keep_others=True, terms=terms)
        if is_live(resources):
            record_built(resources)
        return report


def take_in(space: Workspace, sources: Sequence[Source]) -> Report:
    """Brings what these sources offer into the index; what others brought stays.

    Where the index of changed settings is not complete, the one that answers until then takes it in too.
    """
    with space.wanted() as resources:
        report = _run(space, resources, sources, None, keep_others=True)
        if is_live(resources):
            record_built(resources)
    if space.serving.solution is not space.solution:
        _run(space, space.resources, sources, None, keep_others=True)
    return report


def follow(space: Workspace, places: Sequence[Named], progress: Progress | None) -> Report:
    """Writes the places into the solution file where they are new, and syncs: what is gone from them is removed.

    Raises:
        MissingError: a place does not exist; nothing is written.
    """
    _write_sources(space, [source_settings(place, space.root) for place in places])
    return sync(space, progress)


def workspace_for(places: Sequence[Path], flags: Mapping[str, Any]) -> Path:
    """Where the workspace of `ask --docs` lives: in the user's data folder, one for each set of places.

    Raises:
        MissingError: a place does not exist.
    """
    resolved = sorted(str(place.expanduser().resolve()) for place in places)
    for place in resolved:
        if not Path(place).exists():
            raise MissingError("there is no such file or folder", where=place)
    name = _UNSAFE.sub("-", Path(resolved[0]).name) or "docs"
    return (
        load_settings(flags=flags).settings.home / "workspaces" / f"{name}-{digest_json(resolved)}"
    )


def rewrite(space: Workspace, text: str) -> None:
    """Replaces the solution file, whole or not at all, and takes it up; nothing happens where it is the same."""
    file = space.solution_file
    if file.read_text(encoding="utf-8") == text:
        return
    new = file.with_suffix(".toml.new")
    new.write_text(text, encoding="utf-8")
    new.replace(file)
    space.reload()


def _planned(
    resources: Resources,
    sources: Sequence[Source],
    descriptions: Descriptions,
    off: Collection[str],
    *,
    keep_others: bool = False,
) -> Planned:
    from surefoot.ingest.plan import make_plan

    states, readable = resources.index().states(), readable_now()

    def again(state: DocumentState) -> bool:
        there = state.status in ("ok", "duplicate", "off")
        switched = there and (state.status == "off") != (state.id in off)
        return switched or readable(state)

    return make_plan(
        sources,
        states,
        keep_others=keep_others,
        marked=descriptions.marked,
        again=again,
    )


def _run(
    space: Workspace,
    resources: Resources,
    sources: Sequence[Source],
    progress: Progress | None,
    *,
    keep_others: bool = False,
    terms: Terms = FREELY,
) -> Report:
    from surefoot.ingest.extract import ExtractorPool
    from surefoot.ingest.sync import run

    meter, busy = Meter(), cpu_seconds()
    shown = Shown(progress)
    with (
        metered(meter),
        resources.index().writing(),
        ExtractorPool(
            resources.corpus.limits,
            space.settings.settings.workers,
            media_tools(resources, shown),
        ) as pool,
    ):
        off = switched_off(space)
        tools = replace(tools_of(resources, _read(resources, pool.map)), off=off)
        planned = _planned(resources, sources, tools.descriptions, off, keep_others=keep_others)
        report = run(planned, tools, progress=shown)
        began = tools.clock()
        report = replace(report, notes=(*report.notes, *embed_pictures(space, resources)))
        if tools.desk is not None:
            report = replace(report, writing=write(tools, terms, progress))
        took = report.seconds + tools.clock() - began
    usage = meter.usage if report.writing is None else meter.usage + report.writing.usage
    report = replace(report, expense=Expense(took, cpu_seconds() - busy, usage))
    keep_last_sync(space, planned.plan, report)
    _record(space, resources, report)
    return report


def _read(resources: Resources, read: Read) -> Read:
    """How files are read: pictures without text count where they are found by what they show."""
    corpus = resources.corpus
    if corpus.images is None:
        return read
    return with_names(read, without_ocr=corpus.media.ocr == "never")


def _record(space: Workspace, resources: Resources, report: Report) -> None:
    """Keeps what the index took, where something was written."""
    documents = report.added + report.changed + report.moved
    if not (documents or report.removed):
        return
    took = {
        "documents": documents,
        "removed": report.removed,
        "chunks": report.chunks,
        "embedded": report.embedded,
        "wall_s": report.expense.wall_s,
        "cpu_s": report.expense.cpu_s,
        "encoder_tokens": report.expense.usage.encoder_tokens,
        "dollars": report.expense.usage.cost,
    }
    space.runs.record_indexing(resources.recipe, time_ns(), took)


def _write_sources(space: Workspace, wanted: Sequence[Mapping[str, Any]]) -> None:
    import tomlkit

    document = tomlkit.parse(space.solution_file.read_text(encoding="utf-8"))
    corpus = document.setdefault("corpus", tomlkit.table())
    sources = corpus.setdefault("sources", tomlkit.array())
    known = {identity(source) for source in sources}
    names = {source.name for source in space.resources.sources()}
    for raw in wanted:
        if identity(raw) not in known:
            known.add(identity(raw))
            table = tomlkit.inline_table()
            table.update(_named(space, raw, names))
            sources.append(table)
    rewrite(space, tomlkit.dumps(document))


def _named(space: Workspace, raw: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    """The source, with a name of its own where its usual one is taken: the names begin the documents' ids."""
    usual = _source(space.resources, raw).name
    if raw["kind"] in ("files", "url") or usual not in names:
        names.add(usual)
        return dict(raw)
    name = next(name for n in count(2) if (name := f"{usual}-{n}") not in names)
    names.add(name)
    return {**raw, "name": name}


def _source(resources: Resources, raw: Mapping[str, Any]) -> Source:
    settings = Registry().settings_class("source", raw["kind"])
    return resources.source(settings.model_validate(raw))
