"""A second search from what the first hits name: reaches passages that the question's own words do not.

"Who is the spouse of the director of A?" finds the passage on A; that names the director near the word; his
passage is the second hop. Knows titles, names and nearness of words, no language model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated, ClassVar, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt

from surefoot.config.base import AnyPart, Part, PartSettings
from surefoot.core.roles import Call, Parts, Produces, Takes, mentions_for
from surefoot.core.types import Asker, Note, Query, Turn
from surefoot.retrieve.fuse import minmax
from surefoot.retrieve.hops.directory import Directory
from surefoot.retrieve.hops.hops import Hops, Lead, Link
from surefoot.retrieve.hops.known import Known
from surefoot.retrieve.search import SearchSettings

_UNSURE = 0.5  # a passage that has a name counts half of one that is about it


class IterateSettings(PartSettings):
    """A second search from names in the first hits that stand near what is asked (several hops)."""

    kind: Literal["iterate"] = "iterate"
    search: Annotated[AnyPart | None, Part("stage")] = Field(
        default=None,
        description="how a name that is no document's title is searched; null = a search as usual",
    )
    rounds: PositiveInt = Field(default=1, le=3, description="how many hops are followed")
    first: PositiveInt = Field(default=5, description="hits that may lead on")
    follow: PositiveInt = Field(default=3, description="names followed from each of them")
    searches: NonNegativeInt = Field(
        default=2, description="names that are no title, searched in each round at most"
    )
    enough: float = Field(
        default=0.8,
        gt=0,
        description="share of the question's other terms from which a passage that it names needs no other",
    )
    named: NonNegativeFloat = Field(
        default=0.5, description="what a hit gains when the question names its title"
    )
    weight: NonNegativeFloat = Field(
        default=0.9, description="share of a hit's score that the best name in it passes on"
    )
    keep: PositiveInt = Field(default=10, description="hits that go on to the next stage")


class Iterate:
    """Puts what the first hits lead to beside them, so that all evidence of a question stands on top."""

    Settings = IterateSettings
    takes: ClassVar[Takes] = "hits"
    produces: ClassVar[Produces] = "hits"

    def __init__(self, settings: IterateSettings, parts: Parts) -> None:
        self._settings = settings
        self._parts = parts
        self._search = parts.stage(settings.search or SearchSettings())
        self._known = Known(Directory)

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """The turn with further hits; where the question names nothing that a hit is about, it stays as it is."""
        settings = self._settings
        hops = Hops(turn, self._directory(turn.query.asker), self._parts.index())
        leads, notes = hops.leads(settings.first, settings.named), list[Note]()
        if not leads or hops.covered(leads) >= settings.enough:
            return turn
        for hop in range(1, settings.rounds + 1):
            call.check_deadline()
            links = [
                link
                for lead in leads
                for link in hops.links(lead, settings.follow, settings.weight)
            ]
            taken = [*hops.follow(links, hop), *self._searched(links, turn, call, hops, hop)]
            notes += dict.fromkeys(_note(link) for link, _ in taken)
            leads = [lead for _, lead in taken][: settings.first]
        keep = max(call.limit or settings.keep, 1)
        hits = hops.pool.best(keep)
        if len(hops.pool) > len(hits):
            notes.append(
                Note("iterate", f"{len(hops.pool) - len(hits)} hits beyond {keep} dropped")
            )
        return replace(turn, hits=hits, notes=(*turn.notes, *notes))

    def _searched(
        self, links: Sequence[Link], turn: Turn, call: Call, hops: Hops, hop: int
    ) -> Iterator[tuple[Link, Lead]]:
        """What the strongest names lead to that are the title of nothing."""
        untitled = sorted(
            (link for link in links if not link.bridge.documents), key=lambda link: -link.score
        )
        for link in untitled[: self._settings.searches]:
            query = Query(hops.asking(link), turn.query.lang, turn.query.filter, turn.query.asker)
            hits = self._search(Turn(query), call).hits
            shares = minmax({hit.chunk.id: hit.score for hit in hits})
            most = link.score * _UNSURE
            for hit in hits:
                if not hops.names(hit.chunk, link.bridge.name):
                    continue
                score = most * shares[hit.chunk.id]
                if hops.take(hit.chunk, score, hop):
                    yield link, Lead(hit.chunk, score)

    def _directory(self, asker: Asker) -> Directory:
        return self._known.of(asker, mentions_for(self._parts.index(), asker))


def _note(link: Link) -> Note:
    source = link.source.title or link.source.document_id
    return Note("iterate", f"{link.bridge.name!r} in {source!r} was followed")
