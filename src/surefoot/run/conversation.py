"""A conversation: questions that may only make sense with those before them, and what is remembered of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from surefoot.config.base import Settings
from surefoot.core.errors import ConfigError
from surefoot.core.harmless import harmless
from surefoot.core.lang import answer_tokens, detect
from surefoot.core.roles import Call, Message, Sampling
from surefoot.core.types import Answer, Asker, Lang
from surefoot.generate.checking.citations import find_marks
from surefoot.models.asking import hear
from surefoot.run.talks import Talks

if TYPE_CHECKING:
    from surefoot.core.filters import Filter
    from surefoot.run.workspace import Asked, Workspace

Pair = tuple[str, str]
_BEFORE: Final[Mapping[str, str]] = {
    "en": "What was said before, in short?",
    "zh": "之前说过什么？请简述。",
}
_SUMMARY_TOKENS = 250


class Conversation:
    """Asks a workspace question after question. `name` keeps it in the workspace and goes on with what is kept.

    Not for use from several threads at once.
    """

    def __init__(self, space: Workspace, *, name: str = "") -> None:
        self._space = space
        self._talks = Talks(space.root)
        self.name = name
        self._pairs: list[Pair] = []
        self._said: list[Pair] = []
        self._last: Answer | None = None
        self.notes: list[str] = []
        if name and any(talk == name for talk in (t.name for t in self._talks.all())):
            self._take_up(self._talks.read(name))

    @property
    def history(self) -> tuple[Pair, ...]:
        """The questions and answers that are remembered, oldest first; a summary stands as the first answer."""
        return tuple(self._pairs)

    @property
    def transcript(self) -> tuple[Pair, ...]:
        """All questions with their answers since the conversation began or was reset, remembered or not."""
        return tuple(self._said)

    @property
    def last(self) -> Answer | None:
        """The last answer of this session."""
        return self._last

    @property
    def follows_up(self) -> bool:
        """Whether the search understands questions that only make sense with those before: by the stage `condense`."""
        stages = list(_stages(self._space.solution.stages))
        searches = self._space.solution.corpus is not None
        return not searches or any(stage.kind == "condense" for stage in stages)

    def ask(
        self,
        text: str,
        *,
        filter: Filter | Mapping[str, Any] | None = None,
        asker: Asker = Asker(),
        call: Call | None = None,
    ) -> Asked:
        """Asks the next question; one that fails or is interrupted leaves the conversation as it was.

        Raises:
            ConfigError: no stage answers.
        """
        call = call or Call()
        self._remember(call)
        query = self._space.query(text, filter=filter, asker=asker, history=self._pairs)
        asked = self._space.run(query, call)
        answer = asked.turn.answer
        if answer is None:
            raise ConfigError(
                "no stage answers", hint='add [[stages]] kind = "quote" to the solution'
            )
        self._last = answer
        self._pairs.append((query.text, _without_marks(answer.text)))
        self._said.append((query.text, answer.text))
        cited = dict.fromkeys(citation.chunk.document_id for citation in answer.citations)
        self._keep({"question": query.text, "answer": answer.text, "documents": list(cited)})
        return asked

    def reset(self) -> None:
        """Forgets what was said; a kept conversation goes on without it."""
        self._pairs, self._said, self._last = [], [], None
        self._keep({"reset": True})

    def forget(self) -> None:
        """Forgets what was said and deletes what was kept of it."""
        self._pairs, self._said, self._last = [], [], None
        if self.name and any(talk.name == self.name for talk in self._talks.all()):
            self._talks.delete(self.name)

    def _take_up(self, lines: Sequence[Mapping[str, Any]]) -> None:
        for line in lines:
            if "question" in line:
                question, answer = str(line["question"]), str(line.get("answer", ""))
                self._pairs.append((question, _without_marks(answer)))
                self._said.append((question, answer))
            elif "summary" in line:
                self._pairs = self._shortened(str(line["summary"]), int(line.get("of", 0)))
            elif line.get("reset"):
                self._pairs, self._said = [], []

    def _keep(self, happened: Mapping[str, Any]) -> None:
        if self.name:
            self._talks.add(self.name, happened)

    def _remember(self, call: Call) -> None:
        """Cuts what is older than memory reaches, or puts a summary in its place."""
        memory = self._space.solution.memory
        keep = self._fitting(memory.words)
        if memory.older == "cut":
            self._pairs = self._pairs[len(self._pairs) - keep :]
            return
        keep = min(keep, max(1, self._shown() - 1))
        gone = len(self._pairs) - keep
        if gone < 1 or (gone == 1 and self._pairs[0][0] in _BEFORE.values()):
            return
        summary = self._summed_up(self._pairs[:gone], call)
        self._keep({"summary": summary, "of": gone})
        self._pairs = self._shortened(summary, gone)

    def _fitting(self, words: int) -> int:
        """How many of the last pairs hold at most so many words together; one at least."""
        many = 0
        for question, answer in reversed(self._pairs):
            words -= _length(question) + _length(answer)
            if words < 0 and many:
                break
            many += 1
        return many

    def _shown(self) -> int:
        """How many earlier turns the answering stage shows at most."""
        shown = [
            int(getattr(stage, "history", 0))
            for stage in _stages(self._space.solution.stages)
            if stage.kind == "answer"
        ]
        return max(shown, default=3)

    def _summed_up(self, pairs: Sequence[Pair], call: Call) -> str:
        """What a model makes of the oldest turns; empty, with a note, where there is none or it fails."""
        memory = self._space.solution.memory
        name = memory.model or next(
            (str(s.model) for s in _stages(self._space.solution.stages) if hasattr(s, "model")), ""
        )
        if not name:
            self.notes.append("no chat model sums up: what is older was cut")
            return ""
        parts = self._space.resources.parts()
        lang = _lang(pairs)
        talk = "\n".join(f"- {harmless(q)}\n  {harmless(a)}" for q, a in pairs)
        prompt = parts.prompt(memory.prompt, lang).fill({"talk": talk})
        silent = replace(call, on_text=None)
        sampling = Sampling(max_tokens=_SUMMARY_TOKENS, seed=call.seed)
        heard = hear(parts.chat(name), [Message("user", prompt)], sampling, silent)
        if heard.problem or not heard.text:
            reason = heard.problem or "the model said nothing"
            self.notes.append(f"what is older was cut: {reason}")
            return ""
        return heard.text

    def _shortened(self, summary: str, gone: int) -> list[Pair]:
        """The pairs with a summary in the place of the first; without them where it says nothing."""
        rest = self._pairs[gone:]
        if not summary:
            return rest
        return [(_BEFORE["zh" if detect(summary) == "zh" else "en"], summary), *rest]


def _stages(stages: Sequence[Settings]) -> Iterator[Any]:
    """All stages, those that others hold included."""
    for stage in stages:
        if hasattr(stage, "kind"):
            yield stage
        for name in type(stage).model_fields:
            value = getattr(stage, name)
            items = value if isinstance(value, tuple) else (value,)
            yield from _stages([item for item in items if isinstance(item, Settings)])


def _lang(pairs: Sequence[Pair]) -> Lang:
    return detect(" ".join(question for question, _ in pairs))


def _length(text: str) -> int:
    return len(answer_tokens(text, detect(text)))


def _without_marks(text: str) -> str:
    """The answer without `[n]`, which named passages of another question."""
    for mark in reversed(find_marks(text)):
        text = text[: mark.start].rstrip(" ") + text[mark.end :]
    return text
