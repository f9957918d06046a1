"""The stage `extract`: the fields of a JSON Schema out of passages, documents or a given text, each with its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, PositiveInt

from surefoot.config.base import Names, PromptName
from surefoot.core.errors import ConfigError
from surefoot.core.harmless import harmless
from surefoot.core.parallel import pmap
from surefoot.core.roles import Call, Parts, Produces, Takes
from surefoot.core.types import Answer, Chunk, Lang, Turn, Usage
from surefoot.generate.asking.passages import Shown
from surefoot.generate.long.groups import Groups, grouped
from surefoot.generate.structured.forming import Formed, form
from surefoot.generate.structured.schema import Schema, read_schema
from surefoot.generate.structured.standing import standing
from surefoot.generate.structured.writing import Leaf, without, write
from surefoot.generate.tasks.base import Of, TaskSettings, Teller, answered, language, refused
from surefoot.generate.tasks.pieces import pieces

_ABOUT = {"en": "\n- What is wanted: {}", "zh": "\n- 需要的内容：{}"}
_PIECE_TOKENS = 400


class ExtractSettings(TaskSettings):
    """Takes fields out of texts: JSON that fits a schema, in which each value is one that the text says."""

    model_config = ConfigDict(populate_by_name=True)

    kind: Literal["extract"] = "extract"
    of: Of = Field(
        default="text",
        description="text: what is asked is the text itself; hits: the passages found for what is asked",
    )
    schema_: Annotated[str, Names("file")] = Field(
        default="",
        alias="schema",
        description="a file with the JSON Schema of the fields, relative to the workspace",
    )
    not_found: Literal["drop", "mark"] = Field(
        default="drop",
        description="values that do not stand in the text: drop them (null), or keep and mark them",
    )
    max_tokens: PositiveInt = 600
    prompt: PromptName = "task/extract"


@dataclass(frozen=True, slots=True)
class _Taken:
    """What one group gave: its values, those without a place, and why there are none if there are none."""

    value: Any = None
    missing: tuple[Leaf, ...] = ()
    usage: Usage = Usage()
    problem: str = ""
    notes: tuple[str, ...] = ()


class Extract:
    """A value that no text says is never passed off as found: it is dropped, or named as unsupported."""

    Settings = ExtractSettings
    takes: ClassVar[Takes] = "query"
    produces: ClassVar[Produces] = "answer"

    def __init__(self, settings: ExtractSettings, parts: Parts) -> None:
        if not settings.schema_:
            hint = 'name a file with the fields: schema = "fields.json"'
            raise ConfigError("schema is missing", where="extract", hint=hint)
        self._settings = settings
        self._parts = parts
        self._teller = Teller(settings, parts)

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """Extracts.

        Raises:
            ConfigError: the model's endpoint refuses its key, or nothing answers there.
            MissingError, DataError: the model or the schema is not there, or the schema is none.
        """
        found = [hit.chunk for hit in turn.hits] if self._settings.of == "hits" else []
        lang = language(turn.query, found[0].text if found else "")
        chunks = found or self._given(turn)
        if not chunks:
            return answered(turn, "extract", refused("no passage was found", lang), [])
        told = self._told(turn.query.asked if found else "", lang)
        room = self._teller.room(self._settings.prompt, lang, {**told, "passages": "", "mark": ""})
        groups = grouped(
            chunks, room, self._teller.model.count_tokens, seed=f"{call.seed}:{told['about']}"
        )
        silent = replace(call, on_text=None)
        taken = list(
            pmap(
                lambda shown: self._take(shown, told, lang, silent),
                groups.shown,
                workers=self._teller.workers,
            )
        )
        turn = self._concluded(turn, groups, taken, lang)
        if call.on_text is not None and turn.answer is not None:
            call.on_text(turn.answer.text)
        return turn

    def _given(self, turn: Turn) -> list[Chunk]:
        if self._settings.of == "hits" or not turn.query.text.strip():
            return []
        return pieces(turn.query.text, _PIECE_TOKENS, self._teller.model.count_tokens)

    def _told(self, topic: str, lang: Lang) -> dict[str, str]:
        about = _ABOUT.get(lang, _ABOUT["en"]).format(harmless(topic)) if topic.strip() else ""
        return {"schema": self._schema.text, "about": about}

    def _take(self, shown: Shown, told: dict[str, str], lang: Lang, call: Call) -> _Taken:
        values = {**told, "passages": shown.text, "mark": shown.mark}
        messages = self._teller.messages(self._settings.prompt, lang, values)
        formed: Formed = form(
            self._teller.model,
            messages,
            self._teller.sampling(call),
            call,
            schema=self._schema,
            lang=lang,
        )
        if formed.problem:
            return _Taken(usage=formed.usage, problem=formed.problem, notes=formed.notes)
        missing = standing(write(formed.value), shown.chunks, self._schema).missing
        value = formed.value
        if self._settings.not_found == "drop":
            value = without(value, {leaf.path for leaf in missing})
        return _Taken(value, missing, formed.usage, notes=formed.notes)

    def _concluded(self, turn: Turn, groups: Groups, taken: Sequence[_Taken], lang: Lang) -> Turn:
        usage = sum((one.usage for one in taken), Usage())
        notes = [*groups.notes, *(note for one in taken for note in one.notes)]
        read = [one for one in taken if not one.problem]
        notes += [
            f"group {number} of {len(taken)} was left out: {one.problem}"
            for number, one in enumerate(taken, start=1)
            if one.problem and len(taken) > 1
        ]
        if not read:
            reason = taken[0].problem if taken else "no passage fits into the model's context"
            return answered(turn, "extract", refused(reason, lang, usage), [*notes, reason])
        value: Any = None
        for one in read:
            value = _merged(value, one.value)
        gone = tuple(_named(leaf) for one in read for leaf in one.missing)
        if gone:
            done = "dropped" if self._settings.not_found == "drop" else "kept"
            notes.append(f"{done}, for the text does not say it: {'; '.join(gone)}")
        written = write(value)
        citations = standing(written, groups.chunks, self._schema).citations
        answer = Answer(written.text, citations, unsupported=gone, usage=usage, value=value)
        return answered(turn, "extract", answer, notes)

    @cached_property
    def _schema(self) -> Schema:
        """The schema, with null allowed where a text does not say a value."""
        return read_schema(self._parts.file(self._settings.schema_)).forgiving()


def _named(leaf: Leaf) -> str:
    return f"{leaf.name}: {leaf.value}" if leaf.path else str(leaf.value)


def _merged(first: Any, second: Any) -> Any:
    """What is known of both: the first value that is there, lists one after the other without repeats."""
    if first is None or second is None:
        return second if first is None else first
    if isinstance(first, dict) and isinstance(second, dict):
        keys = [*first, *(key for key in second if key not in first)]
        return {key: _merged(first.get(key), second.get(key)) for key in keys}
    if isinstance(first, list) and isinstance(second, list):
        return [*first, *(item for item in second if item not in first)]
    return first
