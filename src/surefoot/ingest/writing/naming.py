"""What a chat model says a passage names, and what of it hangs together: only what stands in the passage counts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from surefoot.config.solution import Graph
from surefoot.core.errors import DataError
from surefoot.core.lang.entities import (
    bare_title,
    entity_key,
    entity_units,
    located_units,
    related,
    relation,
)
from surefoot.core.lang.stopwords import STOP_WORDS
from surefoot.core.roles import Request, Sampling
from surefoot.core.types import Chunk, Document
from surefoot.ingest.views.settings import says_something
from surefoot.ingest.views.written import Prompting, language_of, mark_of, shown
from surefoot.models.asking import conversation

_READS: Final = 6000
_TOKENS: Final = 300
_MOST_UNITS: Final = 12
_LINE = re.compile(r"^\W*(NAME|LINK|名称|关系)\W*?[:：]\s*(.+?)\s*$", re.MULTILINE | re.IGNORECASE)
_LINKS: Final = frozenset({"link", "关系"})


class ModelNames:
    """Asks for the entities of each passage and the pairs of them that are related; one request for each chunk."""

    def __init__(self, settings: Graph, prompt: Prompting) -> None:
        self._settings = settings
        self._prompt = prompt
        self.name = "graph"
        self.model = settings.model
        self.workers = 1

    def requests(self, document: Document, chunks: Sequence[Chunk]) -> Iterator[Request]:
        """In the order of the text."""
        for chunk in chunks:
            if not says_something(chunk.text):
                continue
            values = {"passage": shown(chunk.text, _READS), "mark": mark_of(chunk.text)}
            prompt = self._prompt(self._settings.prompt, language_of(chunk, document))
            messages = tuple(conversation(prompt, values))
            yield Request((chunk.index,), messages, Sampling(max_tokens=_TOKENS))

    def merged(self, own: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
        """The keys of a passage: the entities that the model named, then others, then the model's relations."""
        entities = dict.fromkeys((*(key for key in own if related(key) is None), *others))
        relations = [key for key in own if related(key) is not None]
        return (*list(entities)[: self._settings.per_passage], *relations)

    def keys(self, reply: str, chunk: Chunk) -> tuple[str, ...]:
        """The keys of the entities that stand in the passage, then those of their relations.

        Raises:
            DataError: there are none.
        """
        held = _units(f"{chunk.title}\n{' '.join(chunk.headings)}\n{chunk.text}")
        found: dict[str, None] = {}
        related: dict[str, None] = {}
        for what, said in _LINE.findall(reply):
            keys = [key for part in said.split("|") if (key := _key(part, held))]
            found |= dict.fromkeys(keys)
            if what.lower() in _LINKS and len(keys) == 2 and keys[0] != keys[1]:
                related[relation(keys[0], keys[1])] = None
        if not found:
            raise DataError("the reply names nothing that stands in the passage")
        most = self._settings.per_passage
        return (*list(found)[:most], *list(related)[:most])


def _key(name: str, held: str) -> str:
    """The key of a name that stands in the text, word by word; empty for any other."""
    units = entity_units(bare_title(name.strip(' *"“”「」《》`')))
    if not 0 < len(units) <= _MOST_UNITS or f" {' '.join(units)} " not in held:
        return ""
    key = entity_key(name)
    return key if len(key) > 1 and key not in STOP_WORDS else ""


def _units(text: str) -> str:
    return f" {' '.join(unit for unit, _, _ in located_units(text))} "
