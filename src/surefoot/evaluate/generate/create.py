"""Makes an eval set from a workspace's documents: offers are made, drawn, checked, reworded and written as cases."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from surefoot.config.prompts import Prompts
from surefoot.core.digest import digest_json
from surefoot.core.errors import DataError, MissingError
from surefoot.core.types import EvalCase, GoldSpan, Lang, Usage
from surefoot.evaluate.evalsets import make_evalset
from surefoot.evaluate.evalsets.checks import overlap
from surefoot.evaluate.generate.absent import foreign, paired, renamed
from surefoot.evaluate.generate.checks import Checks, searching
from surefoot.evaluate.generate.choose import choose
from surefoot.evaluate.generate.methods import METHODS
from surefoot.evaluate.generate.offers import Library, Offer
from surefoot.evaluate.generate.pages import Page, read_page
from surefoot.evaluate.generate.rewording import reworded
from surefoot.evaluate.generate.settings import Created, CreateReport, CreateSettings
from surefoot.evaluate.generate.written import Writer, passages
from surefoot.evaluate.hidden import HIDDEN

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace

_PAPERS = re.compile(
    r"(?:^|[/\\])(?:licen[cs]e|copying|notice|authors|contributors|change-?log)s?(?:\.\w+)?$",
    re.IGNORECASE,
)
Progress = Callable[[int, int], None]
"""Called with how many questions are made and how many are wanted."""


def create_evalset(
    space: Workspace, wanted: CreateSettings, progress: Progress | None = None
) -> Created:
    """An eval set over the workspace's documents; the same documents, solution and settings give the same set.

    Without a chat model unless `wanted.model` names one. Gold is always a verbatim span of a document.

    Raises:
        MissingError: nothing is indexed.
        DataError: no question could be made.
    """
    making = _making(space, wanted, progress)
    for lang in making.languages:
        making.answerable(lang)
        making.unanswerable(lang)
    if not making.cases:
        raise DataError(
            "no question could be made from the documents",
            where=str(space.root),
            hint=making.why()
            or "longer texts with headings serve best; --model lets a chat model ask",
        )
    return Created(make_evalset(wanted.name, making.cases), making.report())


def forecast_evalset(space: Workspace, wanted: CreateSettings) -> Usage:
    """What the chat model is expected to take (calls and tokens); nothing where none is named, and none is asked.

    Raises:
        MissingError: nothing is indexed.
    """
    return _making(space, wanted, None).forecast()


def _making(space: Workspace, wanted: CreateSettings, progress: Progress | None) -> _Making:
    pages = tuple(_read(space))
    if not pages:
        raise MissingError(
            "nothing is indexed yet", where=str(space.root), hint="surefoot sync reads it"
        )
    return _Making(space, pages, wanted, progress or _silent)


def _writer(space: Workspace, wanted: CreateSettings) -> Writer | None:
    if not wanted.model:
        return None
    prompts = Prompts(space.place.prompts)
    return Writer(space.resources.chat(wanted.model), prompts, wanted.calls, wanted.seed)


def _silent(_done: int, _total: int) -> None:
    """Says nothing."""


class _Making:
    """A set on its way: pages, checks, what was made and what was dropped."""

    def __init__(
        self, space: Workspace, pages: Sequence[Page], wanted: CreateSettings, progress: Progress
    ) -> None:
        self._wanted = wanted
        self._progress = progress
        self._pages = {page.document.id: page for page in pages}
        self._library = Library.of(pages)
        self._checks = Checks.over(searching(space), self._library, self._text)
        self._neighbours = [page for place in wanted.neighbours for page in _pages_of(place)]
        self._writer = _writer(space, wanted)
        self._taken: list[Offer] = []
        self._rejected: Counter[str] = Counter()
        self._overlaps: dict[str, list[float]] = defaultdict(list)
        self.cases: list[EvalCase] = []
        self.languages = [
            lang for lang in wanted.languages if any(page.lang == lang for page in pages)
        ]

    def answerable(self, lang: Lang) -> None:
        """Takes as many questions of a language as are wanted and can be had."""
        before = len(self.cases)
        self._taken = []
        for offer, problem in self._written(lang) if self._writer else self._drawn(lang):
            if problem or offer is None:
                self._rejected[problem] += 1
                continue
            self._taken.append(offer)
            self.cases.append(self._case(self._reworded(offer)))
            self._progress(len(self.cases) - before, self._wanted.questions)

    def _drawn(self, lang: Lang) -> Iterator[tuple[Offer, str]]:
        offers, draw = self._offers(lang), self._draw("choose", lang)
        yield from choose(offers, self._wanted.questions, self._checks.problem, draw)

    def _written(self, lang: Lang) -> Iterator[tuple[Offer | None, str]]:
        """What the chat model offers for one span after the other, until there are enough or no calls are left."""
        writer = self._writer
        taken = 0
        for page, span in self._passages(lang) if writer else ():
            if writer is None or writer.spent or taken >= self._wanted.questions:
                break
            offer, problem = writer.offer(page, span, self._wanted.ask_in or lang)
            if offer is not None:
                problem = self._checks.problem(offer)
                taken += not problem
            yield offer, problem

    def _passages(self, lang: Lang) -> Iterator[tuple[Page, tuple[int, int]]]:
        return passages(tuple(self._pages.values()), lang, self._draw("passages", lang))

    def forecast(self) -> Usage:
        """What the chat model is expected to take, within the cap; nothing without one."""
        total = Usage()
        if self._writer is None:
            return total
        for lang in self.languages:
            spans = list(islice(self._passages(lang), self._wanted.questions))
            total += self._writer.forecast(spans, self._wanted.ask_in or lang)
        share = min(1.0, self._wanted.calls / total.calls) if total.calls else 0.0
        return Usage(
            round(total.prompt_tokens * share),
            round(total.completion_tokens * share),
            calls=round(total.calls * share),
        )

    def unanswerable(self, lang: Lang) -> None:
        """Adds questions that the documents do not answer, as many as the share says of what was taken."""
        most = round(self._wanted.unanswerable * len(self._taken))
        seen: set[str] = set()
        kinds = [self._absent(lang, kind) for kind in ("neighbour", "renamed", "paired")]
        while most and kinds:
            for kind in list(kinds):
                offer = next(kind, None)
                if offer is None:
                    kinds.remove(kind)
                elif most and offer.question not in seen:
                    seen.add(offer.question)
                    most -= 1
                    self.cases.append(_unanswerable_case(offer))

    def report(self) -> CreateReport:
        """What was made and what was dropped."""
        made: dict[str, Counter[str]] = defaultdict(Counter)
        for case in self.cases:
            made[case.lang][case.source.removeprefix("generated:")] += 1
        return CreateReport(
            documents=len(self._pages),
            asked_documents=len({name for case in self.cases for name in case.relevant}),
            made={lang: dict(sorted(counts.items())) for lang, counts in made.items()},
            rejected=dict(self._rejected.most_common()),
            overlap={lang: sum(v) / len(v) for lang, v in self._overlaps.items() if v},
            hidden=sum(HIDDEN in case.meta for case in self.cases),
            forecast=self.forecast(),
            usage=self._writer.meter.usage if self._writer else Usage(),
            notes=tuple(self._notes()),
        )

    def why(self) -> str:
        """Why offers were dropped, the commonest reason first; empty where there were none."""
        reasons = (f"{reason} ({n})" for reason, n in self._rejected.most_common())
        return "dropped: " + "; ".join(reasons) if self._rejected else ""

    def _notes(self) -> Iterator[str]:
        if self._writer and self._writer.spent:
            yield f"all {self._wanted.calls} calls of the chat model are used up; what it wrote by then is kept"
        for lang in self.languages:
            n = sum(case.answerable and case.lang == lang for case in self.cases)
            if n < self._wanted.questions:
                yield f"{n} of {self._wanted.questions} questions in {lang}: the documents offer no more"

    def _offers(self, lang: Lang) -> list[Offer]:
        pages = [page for page in self._pages.values() if page.lang == lang]
        return _unlike(self._made(pages, self._library))

    def _made(self, pages: Iterable[Page], library: Library) -> Iterator[Offer]:
        chosen = self._wanted.methods or tuple(METHODS)
        for page in pages:
            for name in chosen:
                draw = self._draw(name, page.document.id)
                for offer in METHODS[name](page, library, draw):
                    if self._wanted.hidden or not offer.hidden:
                        yield offer

    def _absent(self, lang: Lang, kind: str) -> Iterator[Offer]:
        draw = self._draw(kind, lang)
        if kind == "neighbour":
            offers = list(self._foreign(lang))
            draw.shuffle(offers)
            found: Iterable[Offer] = foreign(offers)
        elif kind == "renamed":
            found = renamed(self._taken, self._library, draw)
        else:
            found = paired(tuple(self._pages.values()), lang, self._library, draw)
        for offer in found:
            if kind == "paired" or self._checks.unanswered(offer.question, offer.about, lang):
                yield offer

    def _foreign(self, lang: Lang) -> Iterator[Offer]:
        pages = [page for page in self._neighbours if page.lang == lang]
        if pages:
            yield from self._made(pages, Library.of(pages))

    def _reworded(self, offer: Offer) -> Offer:
        draw = self._draw("reworded", offer.document_id, offer.question)
        if offer.hidden or offer.method == "keyphrase" or draw.random() >= self._wanted.reworded:
            return offer
        question = reworded(offer.question, offer.lang, draw)
        if question == offer.question:
            return offer
        return replace(offer, question=question, tags=(*offer.tags, "reworded"))

    def _case(self, offer: Offer) -> EvalCase:
        quote = self._text(offer.document_id)[offer.start : offer.end]
        meta = {}
        if offer.hidden:
            start, end = offer.hidden
            meta[HIDDEN] = {"doc": offer.document_id, "start": start, "end": end}
        case = EvalCase(
            id=_name(offer),
            question=offer.question,
            lang=offer.lang,
            relevant={offer.document_id: 1},
            answers=offer.answers,
            tags=(offer.method, *offer.tags),
            meta=meta,
            gold=(GoldSpan(offer.document_id, quote, offer.start, offer.end),),
            cluster=offer.document_id,
            source=f"generated:{offer.method}",
        )
        self._overlaps[offer.lang].append(overlap(case, self._text) or 0.0)
        return case

    def _text(self, document_id: str) -> str:
        return self._pages[document_id].document.text

    def _draw(self, *names: str) -> Random:
        return Random(digest_json([self._wanted.seed, *names]))


def _read(space: Workspace) -> Iterator[Page]:
    """The pages of a workspace; licences and lists of changes are nothing that people ask for."""
    for document in space.documents():
        if not _PAPERS.search(document.id):
            yield read_page(document)


def _unlike(offers: Iterable[Offer]) -> list[Offer]:
    """The offers without those that ask for the same thing in two documents: nobody can tell which is meant."""
    held = list(offers)
    places: dict[tuple[str, str], set[str]] = defaultdict(set)
    for offer in held:
        places[offer.method, offer.about.casefold()].add(offer.document_id)
    return [o for o in held if len(places[o.method, o.about.casefold()]) == 1]


def _unanswerable_case(offer: Offer) -> EvalCase:
    return EvalCase(
        id=_name(offer),
        question=offer.question,
        lang=offer.lang,
        answerable=False,
        tags=("unanswerable", offer.method),
        cluster=offer.document_id if offer.method != "neighbour" else "",
        source=f"generated:{offer.method}",
    )


def _name(offer: Offer) -> str:
    return f"{offer.method}-{digest_json([offer.document_id, offer.start, offer.question])[:10]}"


def _pages_of(place: Path) -> list[Page]:
    """The pages of another workspace.

    Raises:
        MissingError: there is no workspace.
    """
    from surefoot.run.places import SOLUTION_FILE
    from surefoot.run.workspace import open_workspace

    if not (place / SOLUTION_FILE).is_file():
        raise MissingError(
            "there is no workspace", where=str(place), hint="surefoot init makes one"
        )
    with open_workspace(place) as space:
        return list(_read(space))
