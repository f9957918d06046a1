"""The stage `summarise`: the passages found, whole documents or a given text in a few sentences that cite them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field, PositiveInt

from surefoot.config.base import PromptName
from surefoot.core.harmless import harmless
from surefoot.core.roles import Call, Parts, Produces, Takes
from surefoot.core.types import Answer, Chunk, Citation, Lang, Turn
from surefoot.generate.asking.passages import Shown
from surefoot.generate.asking.prompting import Said
from surefoot.generate.checking.citations import claims, with_marks
from surefoot.generate.checking.verify import Checked, verify
from surefoot.generate.long.groups import Groups, grouped
from surefoot.generate.long.map_reduce import map_reduce
from surefoot.generate.long.reading import Read
from surefoot.generate.long.refine import refine
from surefoot.generate.sentences import Limits, units
from surefoot.generate.tasks.base import Of, TaskSettings, Teller, answered, language, refused
from surefoot.generate.tasks.pieces import pieces

_ABOUT = {
    "en": " It is to say what matters for this question: {}",
    "zh": "概括应围绕这个问题：{}",
}
_JOIN = {"zh": ""}
_SENTENCE = Limits(max_words=80, max_chars=160)
_PIECE_TOKENS = 200


class SummariseSettings(TaskSettings):
    """Says in a few sentences what a text, documents or the passages found say; code checks each sentence."""

    kind: Literal["summarise"] = "summarise"
    of: Of = Field(
        default="text",
        description="text: what is asked is the text itself; hits: the passages found for what is asked",
    )
    method: Literal["model", "lead"] = Field(
        default="model", description="lead: the first sentences, without a model"
    )
    sentences: PositiveInt = Field(default=4, description="sentences of a summary at most")
    over: Literal["map-reduce", "refine"] = Field(
        default="map-reduce", description="how texts are read that one prompt does not hold"
    )
    on_unsupported: Literal["mark", "drop"] = Field(
        default="mark", description="what happens to a sentence that the text does not support"
    )
    prompt: PromptName = "task/summarise"
    combine: PromptName = "task/summarise-combine"
    improve: PromptName = "task/summarise-improve"


class Summarise:
    """Never loses a text: where the model fails, the answer says so and a note says why."""

    Settings = SummariseSettings
    takes: ClassVar[Takes] = "query"
    produces: ClassVar[Produces] = "answer"

    def __init__(self, settings: SummariseSettings, parts: Parts) -> None:
        self._settings = settings
        self._teller = Teller(settings, parts)

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """Summarises.

        Raises:
            ConfigError: the model's endpoint refuses its key, or nothing answers there.
            MissingError: the model or its adapter is not there.
        """
        found = [hit.chunk for hit in turn.hits] if self._settings.of == "hits" else []
        lang = language(turn.query, found[0].text if found else "")
        if self._settings.method == "lead":
            return answered(turn, "summarise", self._lead(turn, found, lang), [])
        chunks = found or self._given(turn)
        if not chunks:
            return answered(turn, "summarise", refused("no passage was found", lang), [])
        about = turn.query.asked if found else ""
        asks = _Summary(self._settings, self._teller, call, lang, about)
        budget = asks.room()
        groups = grouped(chunks, budget, asks.count_tokens, seed=f"{call.seed}:{about}")
        if not groups.shown:
            reason = "no passage fits into the model's context beside the prompt"
            return answered(turn, "summarise", refused(reason, lang), groups.notes)
        after = self._concluded(turn, groups, asks.read(groups), lang)
        if call.on_text is not None and after.answer is not None:
            call.on_text(after.answer.text)  # not before it is checked
        return after

    def _given(self, turn: Turn) -> list[Chunk]:
        if self._settings.of == "hits" or not turn.query.text.strip():
            return []
        return pieces(turn.query.text, _PIECE_TOKENS, self._teller.model.count_tokens)

    def _concluded(self, turn: Turn, groups: Groups, read: Read, lang: Lang) -> Turn:
        said, notes = read.said, [*groups.notes, *read.notes]
        if said.problem or not said.text:
            reason = said.problem or "the model found nothing to summarise"
            answer = refused(reason, lang, said.usage)
            return answered(turn, "summarise", answer, [*notes, reason])
        if said.cut:
            notes.append(f"the reply was cut at max_tokens = {self._settings.max_tokens}")
        checked = verify(
            said.text, groups.chunks, lang, on_unsupported=self._settings.on_unsupported
        )
        checked = _first(checked, self._settings.sentences)
        notes += checked.notes
        if not checked.text:
            reason = "no sentence of the summary is supported by the text"
            answer = refused(reason, lang, said.usage)
            return answered(turn, "summarise", answer, [*notes, reason])
        answer = Answer(
            checked.text,
            checked.citations,
            unsupported=checked.unsupported,
            usage=said.usage,
        )
        return answered(turn, "summarise", answer, notes)

    def _lead(self, turn: Turn, found: Sequence[Chunk], lang: Lang) -> Answer:
        """The first sentences with their citations."""
        chunks = found
        if self._settings.of == "text":
            text = turn.query.text
            chunks = [Chunk("text:0", "text", text, 0, len(text))]
        firsts = [
            (number, chunk, unit.start, unit.end)
            for number, chunk in enumerate(chunks, start=1)
            for unit in units(chunk.text, _SENTENCE)
        ][: self._settings.sentences]
        if not firsts:
            return refused("no passage was found", lang)
        text, citations = "", []
        for number, chunk, start, end in firsts:
            quote = chunk.text[start:end]
            said = with_marks(" ".join(quote.split()), [number])
            text += _JOIN.get(lang, " ") if text else ""
            place = (len(text), len(text) + len(said))
            source = (chunk.start + start, chunk.start + end)
            citations.append(Citation(number, *place, chunk, *source, quote))
            text += said
        return Answer(text, tuple(citations))


def _first(checked: Checked, most: int) -> Checked:
    """The first sentences, where the model wrote more than it was asked for."""
    found = claims(checked.text)
    if len(found) <= most:
        return checked
    end = found[most - 1].end
    words = {claim.words for claim in found[:most]}
    note = f"the first {most} of {len(found)} sentences were kept"
    return Checked(
        checked.text[:end],
        tuple(citation for citation in checked.citations if citation.end <= end),
        tuple(said for said in checked.unsupported if said in words),
        (*checked.notes, note),
    )


@dataclass(frozen=True)
class _Summary:
    """One summary: how each of its calls is worded."""

    settings: SummariseSettings
    teller: Teller
    call: Call
    lang: Lang
    topic: str

    def read(self, groups: Groups) -> Read:
        """The summary of all groups; one group is asked for it at once."""
        if len(groups.shown) == 1:
            return Read(self._ask(self.settings.prompt, **_passages(groups.shown[0])))
        if self.settings.over == "refine":
            return refine(self, groups)
        return map_reduce(self, groups, workers=self.teller.workers)

    def begin(self, shown: Shown) -> Said:
        """A summary of the beginning."""
        return self.find(shown)

    def find(self, shown: Shown) -> Said:
        """A summary of one group."""
        return self._ask(self.settings.prompt, **_passages(shown))

    def combine(self, findings: str, mark: str, *, last: bool) -> Said:
        """One summary of several, of the last round or not."""
        del last
        return self._ask(self.settings.combine, findings=findings, mark=mark)

    def improve(self, reply: str, shown: Shown) -> Said:
        """The summary with what one more group adds."""
        return self._ask(self.settings.improve, answer=harmless(reply), **_passages(shown))

    def findings_room(self) -> int:
        """Tokens that summaries may take together."""
        return self.teller.room(
            self.settings.combine, self.lang, {**self._told, "findings": "", "mark": ""}
        )

    def room(self) -> int:
        """Tokens of one group."""
        frame = {**self._told, "passages": "", "mark": ""}
        room = self.teller.room(self.settings.prompt, self.lang, frame)
        if self.settings.over == "refine":
            return max(room - self.settings.max_tokens, room // 2)
        return room

    def count_tokens(self, text: str) -> int:
        """Tokens of the model."""
        return self.teller.model.count_tokens(text)

    @property
    def _told(self) -> dict[str, str]:
        topic = harmless(self.topic.strip())
        about = _ABOUT.get(self.lang, _ABOUT["en"]).format(topic) if topic else ""
        return {"sentences": str(self.settings.sentences), "about": about}

    def _ask(self, prompt: str, **values: str) -> Said:
        messages = self.teller.messages(prompt, self.lang, {**self._told, **values})
        return self.teller.ask(messages, self.call)


def _passages(shown: Shown) -> dict[str, str]:
    return {"passages": shown.text, "mark": shown.mark}
