"""The stage `answer`: a chat model writes the answer from the passages found, and code checks every citation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt

from surefoot.config.base import ModelName, PartSettings, PromptName
from surefoot.config.catalog import load_catalog
from surefoot.core.errors import ConfigError
from surefoot.core.lang import detect
from surefoot.core.roles import Call, ChatModel, Parts, Produces, Sampling, Takes
from surefoot.core.trace import annotate
from surefoot.core.types import Answer, Lang, Note, Turn
from surefoot.generate.evidence import READING, Evidence, gather
from surefoot.generate.evidence import ask as read_question
from surefoot.generate.guard import Guard, RefusalSettings, Verdict
from surefoot.generate.passages import Shown, harmless, show
from surefoot.generate.prompting import Said, ask, conversation, no_answer
from surefoot.generate.verify import verify

_FRAME_TOKENS: Final = 64  # what a chat template may add around the messages


class AnswerSettings(PartSettings):
    """A chat model answers, from the hits where there are any; `plain` is its prompt where nothing is searched."""

    kind: Literal["answer"] = "answer"
    model: ModelName = Field(
        default_factory=lambda: load_catalog().default("chat"),
        description='a catalog alias, the path of a .gguf file, or "http:NAME" of an endpoint',
    )
    prompt: PromptName = "answer/cited"
    plain: PromptName = "answer/plain"
    max_tokens: PositiveInt = 400
    temperature: NonNegativeFloat = 0.0
    context_tokens: PositiveInt = Field(
        default=3000, description="tokens of the model that the passages may take together"
    )
    passages: NonNegativeInt = Field(
        default=8,
        description="passages shown at most; 0 = the model answers from itself, whatever is found",
    )
    history: NonNegativeInt = Field(
        default=3, description="earlier questions with their answers that are shown"
    )
    on_unsupported: Literal["mark", "drop"] = Field(
        default="mark", description="what happens to a sentence that no passage supports"
    )
    refuse: RefusalSettings = RefusalSettings()


@dataclass(frozen=True, slots=True)
class _Judged:
    """A turn with what its hits say about the question, before any model is asked."""

    turn: Turn
    lang: Lang
    evidence: Evidence
    verdict: Verdict


class AnswerStage:
    """Never loses a question: where the model fails, the answer is a refusal and a note says why."""

    Settings = AnswerSettings
    takes: ClassVar[Takes] = "query"
    produces: ClassVar[Produces] = "answer"

    def __init__(self, settings: AnswerSettings, parts: Parts) -> None:
        self._settings = settings
        self._parts = parts
        self._guard = Guard(settings.refuse)

    def __call__(self, turn: Turn, call: Call, /) -> Turn:
        """Answers.

        Raises:
            ConfigError: the model's endpoint refuses its key, or nothing answers there.
            MissingError: the model is not there.
        """
        lang = turn.query.lang if turn.query.lang != "other" else detect(turn.query.text)
        if not self._settings.passages or (not turn.hits and not self._searches()):
            return self._from_itself(turn, call, lang)
        judged = self._judge(turn, lang)
        if judged.verdict.refused:
            return self._refused(judged, call, [] if turn.hits else ["no passage was found"])
        return self._from_passages(judged, call)

    def _searches(self) -> bool:
        """Whether the solution has a corpus."""
        try:
            self._parts.index()
        except ConfigError:
            return False
        return True

    def _judge(self, turn: Turn, lang: Lang) -> _Judged:
        question = read_question(turn.query.text, self._parts.index().frequencies)
        evidence = Evidence(question, ())
        if turn.hits:
            encoder = self._parts.encoder()
            evidence = gather(question, turn.hits, encoder, READING)
            turn = _with_notes(turn, self._guard.doubts(encoder))
        return _Judged(turn, lang, evidence, self._guard.judge(evidence, turn.hits))

    def _from_itself(self, turn: Turn, call: Call, lang: Lang) -> Turn:
        unknown = no_answer(lang, from_passages=False)
        prompt = self._parts.prompt(self._settings.plain, lang)
        text = prompt.fill({"question": harmless(turn.query.text), "refusal": unknown})
        said = self._ask(self._model(), turn, text, call, unknown)
        answer = Answer(said.text or unknown, refused=said.declined, usage=said.usage)
        if said.problem:
            return _answered(turn, replace(answer, refused=True), [said.problem])
        return _answered(turn, answer, [])

    def _from_passages(self, judged: _Judged, call: Call) -> Turn:
        turn, model = judged.turn, self._model()
        declining = no_answer(judged.lang, from_passages=True)
        prompt = self._parts.prompt(self._settings.prompt, judged.lang)
        values = {"question": harmless(turn.query.text), "refusal": declining}
        frame = prompt.fill({**values, "mark": "", "passages": ""})
        shown = self._show(turn, frame, model, call)
        if not shown.chunks:
            problem = "no passage fits into the model's context beside the prompt"
            return self._refused(judged, call, [*shown.notes, problem])
        text = prompt.fill({**values, "mark": shown.mark, "passages": shown.text})
        said = self._ask(model, turn, text, call, declining)
        return self._checked(judged, said, shown, call)

    def _checked(self, judged: _Judged, said: Said, shown: Shown, call: Call) -> Turn:
        """The answer with the citations that hold, or a refusal where nothing is left of the reply."""
        notes = list(shown.notes)
        if said.problem:
            return self._refused(judged, call, [*notes, said.problem], said)
        if said.cut:
            notes.append(f"the reply was cut at max_tokens = {self._settings.max_tokens}")
        checked = verify(
            said.text, shown.chunks, judged.lang, on_unsupported=self._settings.on_unsupported
        )
        notes += checked.notes
        if said.declined and not checked.supported:
            return self._refused(judged, call, [*notes, "the model found no answer"], said)
        if not checked.text:
            problem = "no sentence of the reply is supported by a passage"
            return self._refused(judged, call, [*notes, problem], said)
        answer = Answer(
            checked.text,
            checked.citations,
            confidence=judged.verdict.confidence,
            unsupported=checked.unsupported,
            usage=said.usage,
        )
        return _answered(judged.turn, answer, notes)

    def _show(self, turn: Turn, frame: str, model: ChatModel, call: Call) -> Shown:
        """The passages that fit beside the prompt, the conversation and the reply."""
        messages = conversation(turn.query, frame, history=self._settings.history)
        taken = sum(model.count_tokens(message.content) for message in messages)
        room = model.context_tokens - self._settings.max_tokens - taken - _FRAME_TOKENS
        best = [hit.chunk for hit in turn.hits[: self._settings.passages]]
        budget = max(0, min(self._settings.context_tokens, room))
        return show(best, budget, model.count_tokens, seed=f"{call.seed}:{turn.query.text}")

    def _ask(self, model: ChatModel, turn: Turn, prompt: str, call: Call, declining: str) -> Said:
        annotate({"llm.model_name": self._settings.model})
        messages = conversation(turn.query, prompt, history=self._settings.history)
        sampling = Sampling(
            max_tokens=self._settings.max_tokens,
            temperature=self._settings.temperature,
            seed=call.seed,
        )
        return ask(model, messages, sampling, call, declining)

    def _model(self) -> ChatModel:
        return self._parts.chat(self._settings.model)

    def _refused(
        self, judged: _Judged, call: Call, notes: Sequence[str], said: Said | None = None
    ) -> Turn:
        answer = self._guard.refusal(judged.turn.query, judged.evidence, judged.verdict)
        if said is not None:
            answer = replace(answer, usage=said.usage)
        if call.on_text is not None:
            call.on_text(answer.text if said is None else f"\n\n{answer.text}")
        return _answered(judged.turn, answer, notes)


def _answered(turn: Turn, answer: Answer, notes: Sequence[str]) -> Turn:
    return replace(_with_notes(turn, notes), answer=answer)


def _with_notes(turn: Turn, notes: Sequence[str]) -> Turn:
    return replace(turn, notes=(*turn.notes, *(Note("answer", note) for note in notes)))
