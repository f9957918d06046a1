"""The stage `answer`: a chat model writes the answer from the passages found, and code checks every citation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from surefoot.core.errors import ConfigError
from surefoot.core.lang import detect
from surefoot.core.roles import (
    Call,
    ChatModel,
    Message,
    Parts,
    Produces,
    Sampling,
    Takes,
    frequencies_for,
)
from surefoot.core.trace import annotate
from surefoot.core.types import Answer, Chunk, Hit, Lang, Note, Query, Turn
from surefoot.generate.answer_settings import AnswerSettings
from surefoot.generate.asking.focusing import focused
from surefoot.generate.asking.passages import Shown
from surefoot.generate.asking.prompting import Manner, Said, ask
from surefoot.generate.asking.wording import Asking, Wording
from surefoot.generate.checking.naming import named_sources
from surefoot.generate.checking.pointing import NOTE, pointed_at
from surefoot.generate.checking.telling import CheckedText, PlainText, Teller
from surefoot.generate.evidence import READING, Evidence, gather
from surefoot.generate.evidence import ask as read_question
from surefoot.generate.guard import Guard, Verdict
from surefoot.generate.long.answering import LongAnswer
from surefoot.generate.settling import Settler
from surefoot.generate.structured.answering import structured_answer
from surefoot.generate.structured.forming import form

__all__ = ["AnswerSettings", "AnswerStage"]


@dataclass(frozen=True, slots=True)
class _Judged:
    """A turn with what its hits say about the question, before any model is asked; None where nobody asks for it."""

    turn: Turn
    lang: Lang
    evidence: Evidence | None = None
    verdict: Verdict | None = None

    @property
    def confidence(self) -> float | None:
        return self.verdict.confidence if self.verdict else None


@dataclass(frozen=True, slots=True)
class _Speaking:
    """A call, and what has told its caller of the reply so far."""

    call: Call
    teller: Teller | None = None

    def finish(self, text: str) -> None:
        """Tells what of the answer was not told yet."""
        if self.teller is not None:
            self.teller.finish(text)
        elif self.call.on_text is not None:
            self.call.on_text(text)


class AnswerStage:
    """Never loses a question: where the model fails, the answer is a refusal and a note says why."""

    Settings = AnswerSettings
    takes: ClassVar[Takes] = "query"
    produces: ClassVar[Produces] = "answer"

    def __init__(self, settings: AnswerSettings, parts: Parts) -> None:
        self._settings = settings
        self._parts = parts
        self._guard = Guard(settings.refuse)
        self._wording = Wording(settings, parts)
        self._plain = settings.reply == "plain"

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """Answers.

        Raises:
            ConfigError: the model's endpoint refuses its key, or nothing answers there.
            MissingError: the model, its adapter, the schema or the file of examples is not there.
        """
        lang = _lang(turn.query)
        if self._alone(found=bool(turn.hits)):
            return self._from_itself(turn, call, lang)
        judged = self._judge(turn, lang)
        refused = self._settings.guarded and judged.verdict is not None and judged.verdict.refused
        if refused or not turn.hits:
            return self._refused(judged, call, [] if turn.hits else ["no passage was found"])
        return self._from_passages(judged, call)

    def messages_for(self, query: Query, chunks: Sequence[Chunk], call: Call) -> list[Message]:
        """What would be said to the model for these passages, best first; empty where it would not be asked.

        Opens the model, whose tokens say what fits.
        """
        lang = _lang(query)
        if self._alone(found=bool(chunks)):
            return list(self._wording.alone(query, lang, self._model()).messages)
        if self._settings.focus and chunks:
            hits = [Hit(chunk, 1 / rank, "given") for rank, chunk in enumerate(chunks, 1)]
            chunks = self._focused(self._evidence(query, hits), chunks)
        asking = self._wording.over(query, lang, chunks, self._model(), call)
        return list(asking.messages) if asking.shown.chunks else []

    def _alone(self, *, found: bool) -> bool:
        """Whether the model answers from itself."""
        return not self._wording.shows_passages or (not found and not self._searches())

    def _searches(self) -> bool:
        """Whether the solution has a corpus."""
        try:
            self._parts.index()
        except ConfigError:
            return False
        return True

    def _judge(self, turn: Turn, lang: Lang) -> _Judged:
        """What is needed to refuse or to be confident: nothing for a plain reply without a guard."""
        weighed = self._settings.guarded or not self._plain
        if not weighed and not self._settings.focus:
            return _Judged(turn, lang)
        evidence = self._evidence(turn.query, turn.hits)
        if not weighed:
            return _Judged(turn, lang, evidence)
        if turn.hits:
            turn = _with_notes(turn, self._guard.doubts(self._parts.encoder()))
        return _Judged(turn, lang, evidence, self._guard.judge(evidence, turn.hits))

    def _evidence(self, query: Query, hits: Sequence[Hit]) -> Evidence:
        question = read_question(query.asked, frequencies_for(self._parts.index(), query.asker))
        if not hits:
            return Evidence(question, ())
        return gather(question, hits, self._parts.encoder(), READING)

    def _focused(self, evidence: Evidence | None, chunks: Sequence[Chunk]) -> Sequence[Chunk]:
        """What is shown of the passages: all of them where nothing is said of the focus, or nothing found."""
        if not self._settings.focus or evidence is None:
            return chunks
        return focused(evidence.candidates, self._settings.focus) or chunks

    def _from_itself(self, turn: Turn, call: Call, lang: Lang) -> Turn:
        model = self._model()
        asking = self._wording.alone(turn.query, lang, model)
        if self._wording.schema is not None:
            return self._formed(_Judged(turn, lang), asking, model, call)
        declining = "" if self._plain else asking.declining
        teller = PlainText(call.on_text, declining) if call.on_text is not None else None
        said = self._ask(model, asking, call, teller=teller)
        refused = said.declined or bool(said.problem and not said.text)
        answer = Answer(said.text or asking.declining, refused=refused, usage=said.usage)
        if teller is not None:
            teller.finish(answer.text)
        problems = [said.problem] if said.problem else []
        return _answered(turn, answer, [*asking.notes, *said.notes, *problems])

    def _from_passages(self, judged: _Judged, call: Call) -> Turn:
        turn, model = judged.turn, self._model()
        chunks = [hit.chunk for hit in turn.hits]
        if self._settings.over != "stuff":
            groups, read = self._long(judged, model, call).read(chunks, seed=call.seed)
            if read is not None:
                notes = [*groups.notes, *read.notes]
                asking = Asking((), "", groups.together)
                return self._concluded(judged, read.said, asking, _Speaking(call), notes)
        seen = self._focused(judged.evidence, chunks)
        asking = self._wording.over(turn.query, judged.lang, seen, model, call)
        if not asking.shown.chunks:
            problem = "no passage fits into the model's context beside the prompt"
            return self._refused(judged, call, [*asking.notes, problem])
        if self._wording.schema is not None:
            return self._formed(judged, asking, model, call)
        teller = self._teller(judged, asking, call)
        said = self._ask(model, asking, call, teller=teller)
        notes = [*asking.notes, *said.notes]
        return self._concluded(judged, said, asking, _Speaking(call, teller), notes)

    def _teller(self, judged: _Judged, asking: Asking, call: Call) -> Teller | None:
        """What hands on the reply as it is written; None where the answer is told when it is settled."""
        settings = self._settings
        if call.on_text is None or settings.check is not None:
            return None
        if self._plain:
            return PlainText(call.on_text)
        if settings.on_unsupported == "retry":
            return None
        return CheckedText(
            call.on_text,
            asking.shown.chunks,
            judged.lang,
            settings.on_unsupported,
            asking.declining,
        )

    def _concluded(
        self, judged: _Judged, said: Said, asking: Asking, speaking: _Speaking, notes: list[str]
    ) -> Turn:
        """The answer that a reply over these passages makes."""
        if said.problem:
            notes.append(said.problem)
        if said.problem and not said.text:
            return self._refused(judged, speaking.call, notes, said)
        if said.cut:
            notes.append(
                f"the reply was cut at max_tokens = {self._sampling(speaking.call).max_tokens}"
            )
        if self._plain and said.text:
            answer = _as_said(judged, said, asking.shown)
            speaking.finish(answer.text)
            return _answered(judged.turn, answer, notes)
        return self._checked(judged, said, asking, speaking, notes)

    def _long(self, judged: _Judged, model: ChatModel, call: Call) -> LongAnswer:
        def asked(asking: Asking, manner: Manner) -> Said:
            return self._ask(model, asking, call, manner)

        return LongAnswer(
            self._settings, self._wording, judged.turn.query, judged.lang, model, asked
        )

    def _formed(self, judged: _Judged, asking: Asking, model: ChatModel, call: Call) -> Turn:
        """The answer as JSON, or a refusal that says why the reply does not fit."""
        schema = self._wording.schema
        if schema is None:
            raise ConfigError("there is no schema", where="stage answer")
        sampling = self._sampling(call)
        formed = form(model, asking.messages, sampling, call, schema=schema, lang=judged.lang)
        if formed.problem:
            said = Said(usage=formed.usage)
            return self._refused(judged, call, [*asking.notes, formed.problem], said)
        answer, notes = structured_answer(formed, asking.shown.chunks, schema, judged.confidence)
        if call.on_text is not None:
            call.on_text(answer.text)
        return _answered(judged.turn, answer, [*asking.notes, *notes])

    def _checked(
        self, judged: _Judged, said: Said, asking: Asking, speaking: _Speaking, notes: list[str]
    ) -> Turn:
        """The answer with the citations that hold, or a refusal where nothing is left of the reply."""
        call = speaking.call
        if words := self._pointed(judged, said, asking):
            notes = [*(note for note in notes if note != said.problem), NOTE]
            said = replace(said, text=words, problem="")

        def again(messages: Sequence[Message]) -> Said:
            return self._ask(self._model(), replace(asking, messages=tuple(messages)), call)

        settler = Settler(self._settings, self._parts, judged.lang, call, again)
        said, checked = settler.settle(said, asking)
        notes += checked.notes
        if said.declined and not checked.supported:
            return self._refused(judged, call, [*notes, "the model found no answer"], said)
        if said.problem and not checked.supported:
            return self._refused(judged, call, notes, said)
        if not checked.text:
            problem = "no sentence of the reply is supported by a passage"
            return self._refused(judged, call, [*notes, problem], said)
        answer = Answer(
            checked.text,
            checked.citations,
            confidence=judged.confidence,
            unsupported=checked.unsupported,
            usage=said.usage,
        )
        speaking.finish(answer.text)
        return _answered(judged.turn, answer, notes)

    def _pointed(self, judged: _Judged, said: Said, asking: Asking) -> str:
        """The sentence that a reply of nothing but marks points at, where a guard holds that the passages answer."""
        guarding = self._settings.guarded and self._settings.refuse.threshold != 0
        if judged.evidence is None or not said.problem or not guarding:
            return ""
        return pointed_at(said.text, asking.shown.chunks, judged.evidence.candidates)

    def _ask(
        self,
        model: ChatModel,
        asking: Asking,
        call: Call,
        manner: Manner | None = None,
        teller: Teller | None = None,
    ) -> Said:
        annotate({"llm.model_name": self._settings.model})
        manner = manner or Manner(self._settings.thinking, self._plain, teller)
        manner = replace(manner, mark=asking.shown.mark)
        sampling = self._sampling(call)
        return ask(model, asking.messages, sampling, call, asking.declining, manner)

    def _sampling(self, call: Call) -> Sampling:
        return Sampling(
            max_tokens=self._settings.max_tokens,
            temperature=self._settings.temperature,
            seed=call.seed,
        ).wished(call.wish)

    def _model(self) -> ChatModel:
        if self._settings.adapter:
            return self._parts.chat(self._settings.model, self._settings.adapter)
        return self._parts.chat(self._settings.model)

    def _refused(
        self, judged: _Judged, call: Call, notes: Sequence[str], said: Said | None = None
    ) -> Turn:
        if self._plain or judged.evidence is None or judged.verdict is None:
            sentence = self._wording.declining(judged.lang, from_passages=True)
            answer = Answer(sentence, refused=True, confidence=judged.confidence)
        else:
            answer = self._guard.refusal(judged.turn.query, judged.evidence, judged.verdict)
        if said is not None:
            answer = replace(answer, usage=said.usage)
        if call.on_text is not None:
            call.on_text(answer.text)
        return _answered(judged.turn, answer, notes)


def _as_said(judged: _Judged, said: Said, shown: Shown) -> Answer:
    """The words of the model as they are, with the passages that they rest on."""
    citations = () if said.declined else named_sources(said.text, shown.chunks, judged.lang)
    return Answer(
        said.text,
        citations,
        refused=said.declined,
        confidence=judged.confidence,
        usage=said.usage,
    )


def _lang(query: Query) -> Lang:
    return query.lang if query.lang != "other" else detect(query.text)


def _answered(turn: Turn, answer: Answer, notes: Sequence[str]) -> Turn:
    return replace(_with_notes(turn, notes), answer=answer)


def _with_notes(turn: Turn, notes: Sequence[str]) -> Turn:
    return replace(turn, notes=(*turn.notes, *(Note("answer", note) for note in notes)))
