"""Tasks beside question answering: summarise, translate, classify, extract, over texts or documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from surefoot.config.base import PartSettings, parse
from surefoot.config.registry import Registry
from surefoot.core.errors import ConfigError, MissingError
from surefoot.core.filters import Comparison, Compound, Filter, parse_filter
from surefoot.core.lang import detect
from surefoot.core.roles import Call, Scope
from surefoot.core.steps import Step
from surefoot.core.types import Answer, Asker, Chunk, Hit, Query, Turn
from surefoot.run.pipeline import Pipeline
from surefoot.run.workspace import Asked

if TYPE_CHECKING:
    from surefoot.run.workspace import Workspace

Kind = Literal["summarise", "translate-text", "classify", "extract"]


class Tasks:
    """Does tasks with the workspace's models and documents.

    The settings of a task are those of the solution's stage of its kind, where it has one, else the defaults with the
    model of the stage that answers; `settings` change them, such as `sentences=2`.
    """

    def __init__(self, space: Workspace) -> None:
        self._space = space

    def summarise(
        self,
        text: str = "",
        *,
        documents: Sequence[str] = (),
        filter: Filter | Mapping[str, Any] | None = None,
        asker: Asker = Asker(),
        **settings: Any,
    ) -> Answer:
        """A given text, documents by id, or all that a filter lets through, in a few sentences that cite them.

        Raises:
            MissingError: there is no such document.
            ConfigError: there is neither text nor document, or a setting is wrong.
        """
        turn = self.over(text, documents, filter, asker)
        return _said(self.run("summarise", turn, {**of(turn), **settings}))

    def translate(
        self, text: str = "", *, document: str = "", asker: Asker = Asker(), **settings: Any
    ) -> Answer:
        """A given text or a document, from English into Chinese or back (`to` = "en" or "zh").

        Raises:
            MissingError: there is no such document.
        """
        text = self.text_of(document, asker) if document else text
        return _said(self.run("translate-text", given(text), settings))

    def classify(self, text: str, **settings: Any) -> Answer:
        """The label of a text; `labels=("a", "b")`, or `examples={"file": ...}` with labelled rows.

        Raises:
            ConfigError: neither the solution nor the settings name labels.
        """
        return _said(self.run("classify", given(text), settings))

    def extract(
        self,
        text: str = "",
        *,
        documents: Sequence[str] = (),
        filter: Filter | Mapping[str, Any] | None = None,
        asker: Asker = Asker(),
        **settings: Any,
    ) -> Answer:
        """The fields of a JSON Schema (`schema="file.json"`) out of a text or documents, as `answer.value`.

        Raises:
            MissingError: there is no such document or schema.
            ConfigError: there is neither text nor document, or no schema is named.
        """
        turn = self.over(text, documents, filter, asker)
        return _said(self.run("extract", turn, {**of(turn), **settings}))

    def text_of(self, document: str, asker: Asker = Asker()) -> str:
        """The text of a document.

        Raises:
            MissingError: there is no such document.
        """
        found = self._space.resources.index().document(document, scope=Scope(asker=asker))
        if found is None:
            raise MissingError("there is no such document", where=document)
        return found.text

    def run(
        self, kind: Kind, turn: Turn, settings: Mapping[str, Any], call: Call | None = None
    ) -> Asked:
        """Does a task, traced like a question."""
        resources = self._space.resources
        stages = resources.built([self.settings(kind, settings)], resources.parts())
        identity = {"solution": self._space.solution.name, "task": kind}
        pipeline = Pipeline(stages, self._space.tracer, identity)
        steps: list[Step] = []
        after, trace_id = pipeline.ask(turn, replace(call or Call(), on_step=steps.append))
        return Asked(after, trace_id, tuple(steps))

    def settings(self, kind: Kind, changes: Mapping[str, Any]) -> PartSettings:
        """The settings of a task with some of them changed.

        Raises:
            ConfigError: a setting is wrong.
        """
        registry = Registry()
        written = next((s for s in self._space.solution.stages if s.kind == kind), None)
        base = self._answering()
        if written is not None:
            base = written.model_dump(by_alias=True, exclude_unset=True)
        model = registry.settings_class("stage", kind)
        return parse(model, {**base, **changes, "kind": kind}, registry, where=kind)

    def over(
        self,
        text: str,
        documents: Sequence[str],
        filter: Filter | Mapping[str, Any] | None = None,
        asker: Asker = Asker(),
    ) -> Turn:
        """A turn with the given text, or with the chunks of these documents in their order as its hits.

        Raises:
            MissingError: there is no such document, or the filter lets none through.
            ConfigError: there is neither text nor document.
        """
        if filter is None and not documents:
            if not text.strip():
                raise ConfigError("there is nothing to work on", hint="give a text or a document")
            return given(text)
        if filter is not None and not isinstance(filter, Comparison | Compound):
            filter = parse_filter(filter)
        index, scope = self._space.resources.index(), Scope(filter, asker)
        names = list(documents) or [found.id for found in index.documents(scope=scope)]
        chunks: list[Chunk] = []
        for name in names:
            found = index.chunks(name, scope=scope)
            if not found:
                raise MissingError("there is no such document, or it says nothing", where=name)
            chunks += found
        if not chunks:
            raise MissingError("the filter lets no document through", where="--filter")
        hits = tuple(Hit(chunk, 1.0, "document") for chunk in chunks)
        return Turn(Query(text.strip(), detect(text or chunks[0].text), filter, asker), hits)

    def _answering(self) -> dict[str, Any]:
        """Model and adapter of the last stage that answers with a chat model."""
        for stage in reversed(self._space.solution.stages):
            model = getattr(stage, "model", "")
            if stage.kind == "answer" and model:
                return {"model": model, "adapter": getattr(stage, "adapter", "")}
        return {}


def given(text: str) -> Turn:
    """A turn that asks nothing but a text."""
    return Turn(Query(text.strip(), detect(text)))


def of(turn: Turn) -> Mapping[str, str]:
    """The setting that tells a task whether it works on the text or on the hits."""
    return {"of": "hits" if turn.hits else "text"}


def _said(asked: Asked) -> Answer:
    answer = asked.turn.answer
    if answer is None:
        raise ConfigError("no stage answers")
    return answer
