"""Asks for a cell of a table by its row and column; the row answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from random import Random
from typing import Final

from surefoot.core.lang import content_terms, detect, fold
from surefoot.core.types import Lang
from surefoot.evaluate.generate.offers import Library, Offer
from surefoot.evaluate.generate.pages import Page, Section, Table
from surefoot.evaluate.generate.wording import stands_alone

_MOST_CHARS = 80
_MOST_ROWS = 4
_NO_LETTER = re.compile(r"[\d\W_]+")
_ASKS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("What is the {column} of {row}?", "Which {column} does {row} have?"),
    "zh": ("{row}的{column}是什么？", "{row}对应的{column}是什么？"),
}
_UNDER: Final[Mapping[str, str]] = {
    "en": "Under {heading}, {question}",
    "zh": "在“{heading}”中，{question}",
}


def tables(page: Page, library: Library, draw: Random) -> Iterator[Offer]:
    """A few questions for each table whose first column names its rows; each asks for one other cell."""
    for section in page.sections:
        for table in section.tables:
            yield from _asked(table, section, page, library, draw)


def _asked(
    table: Table, section: Section, page: Page, library: Library, draw: Random
) -> Iterator[Offer]:
    names = Counter(fold(cells[0]) for cells, _, _ in table.rows)
    rows = [row for row in table.rows if names[fold(row[0][0])] == 1 and _names(row[0][0])]
    for cells, start, end in draw.sample(rows, min(_MOST_ROWS, len(rows))):
        places = [
            i
            for i in range(1, len(cells))
            if _can_answer(table.columns[i], cells[i]) and fold(table.columns[i]) != fold(cells[0])
        ]
        if not places or not library.telling(f"{cells[0]} {section.heading} {page.title}"):
            continue
        place = draw.choice(places)
        column = library.running(table.columns[place], page.lang)
        question = draw.choice(_ASKS[page.lang]).format(column=column, row=cells[0])
        heading = section.heading or page.title
        if heading and not set(content_terms(heading)) <= set(content_terms(question)):
            question = _placed(question, heading, page.lang)
        yield Offer(
            question,
            page.lang,
            page.document.id,
            "table",
            start,
            end,
            about=f"{cells[0]} {column} {heading}",
            answers=(cells[place],),
        )


def _placed(question: str, heading: str, lang: Lang) -> str:
    if lang == "en":
        question = question[0].lower() + question[1:]
    return _UNDER[lang].format(heading=heading, question=question)


def _names(cell: str) -> bool:
    return 1 < len(cell) <= _MOST_CHARS and not _NO_LETTER.fullmatch(cell)


def _can_answer(column: str, cell: str) -> bool:
    return bool(column) and 0 < len(cell) <= _MOST_CHARS and stands_alone(column, detect(column))
