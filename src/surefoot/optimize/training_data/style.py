"""Rows that teach a style: sections of the documents as they stand, from their heading or from plain words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from random import Random
from typing import TYPE_CHECKING, Final

from surefoot.config.prompts import Prompts
from surefoot.core.digest import digest_json
from surefoot.core.harmless import harmless
from surefoot.core.roles import Call, Message, Meter, Sampling
from surefoot.core.types import Lang, Usage
from surefoot.evaluate.generate.offers import body
from surefoot.evaluate.generate.pages import read_page
from surefoot.generate.asking.prompting import ask, no_answer
from surefoot.tune.data import MadeRows, Taught, style_rows
from surefoot.tune.rows import Origin

if TYPE_CHECKING:
    from surefoot.optimize.training_data.settings import DataSettings
    from surefoot.run.workspace import Workspace

_LEAST_CHARS: Final = {"en": 200, "zh": 70}
_REPLY_TOKENS: Final = 400


def styled(space: Workspace, wanted: DataSettings) -> tuple[MadeRows, Usage]:
    """Rows of sections of the documents, so many of each language as are wanted, and what a chat model took."""
    sections = [
        section
        for lang in wanted.languages
        for section in islice(_drawn(space, lang, wanted.seed), wanted.questions)
    ]
    if not wanted.model:
        return style_rows(sections), Usage()
    meter = Meter()
    return style_rows(sections, _plainly(space, wanted, meter)), meter.usage


def _drawn(space: Workspace, lang: Lang, seed: int) -> Iterator[Taught]:
    """Sections that say enough, in drawn order."""
    found = [section for section in _sections(space) if section.lang == lang]
    Random(digest_json([seed, "style", lang])).shuffle(found)
    yield from found


def _sections(space: Workspace) -> Iterator[Taught]:
    for document in space.documents():
        page = read_page(document)
        for section in page.sections:
            span = body(section)
            if span is None or not section.heading:
                continue
            text = document.text[slice(*span)]
            if len(section.words) < _LEAST_CHARS.get(page.lang, _LEAST_CHARS["en"]):
                continue
            yield Taught(
                id=f"style-{digest_json([document.id, span[0]])[:10]}",
                question=section.heading,
                completion=text,
                lang=page.lang,
                answers=(page.title,),
                origin=Origin(
                    document=document.id, start=span[0], end=span[1], generator="template:section"
                ),
            )


def _plainly(space: Workspace, wanted: DataSettings, meter: Meter) -> Callable[[Taught], str]:
    """Says a section in plain words by the chat model, as long as calls are left."""
    model = space.resources.chat(wanted.model)
    prompts = Prompts(space.place.prompts)

    def say(section: Taught) -> str:
        if meter.usage.calls >= wanted.calls:
            return ""
        prompt = prompts.get("tune/plain", section.lang)
        text = prompt.fill({"text": harmless(section.completion)})
        sampling = Sampling(max_tokens=_REPLY_TOKENS, seed=wanted.seed)
        call = Call(seed=wanted.seed, meter=meter)
        before = meter.usage.calls
        declining = no_answer(section.lang, from_passages=True)
        said = ask(model, [Message("user", text)], sampling, call, declining)
        if meter.usage.calls == before:  # one that failed counts too
            meter.add(Usage(calls=1))
        return "" if said.problem or said.declined or said.cut else said.text

    return say
