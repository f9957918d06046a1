"""Spans of a question or a run, on the OpenTelemetry API with OpenInference attribute names.

Finished spans leave as plain values through a `sink` callable. Knows no store and no exporter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from secrets import randbits
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

SpanKind = Literal[
    "CHAIN", "LLM", "RETRIEVER", "RERANKER", "EMBEDDING", "TOOL", "AGENT", "GUARDRAIL", "EVALUATOR"
]
Attribute = str | int | float | bool | Sequence[str]

_MAX_ATTRIBUTES = 2000
_CHAT = "surefoot.chat"
_CHAT_CHARS = 50_000
_UNTRACED: ContextVar[bool] = ContextVar("surefoot_untraced", default=False)


@dataclass(frozen=True, slots=True)
class SpanRecord:
    """A finished span. Ids are lower-case hex; times are unix nanoseconds; `error` is empty when all went well."""

    trace_id: str
    span_id: str
    parent_id: str | None
    name: str
    start_ns: int
    end_ns: int
    attributes: Mapping[str, Any]
    error: str = ""


Sink = Callable[[SpanRecord], None]


class Tracer:
    """Opens spans and hands each to every sink when it ends."""

    def __init__(self, *sinks: Sink) -> None:
        from opentelemetry.sdk.trace import SpanLimits, TracerProvider
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor

        self._provider = TracerProvider(
            shutdown_on_exit=False,
            id_generator=_ids(),
            # The default of 128 would cut the hits of one search.
            span_limits=SpanLimits(max_span_attributes=_MAX_ATTRIBUTES),
        )
        self._provider.add_span_processor(SimpleSpanProcessor(_exporter(sinks)))
        self._tracer = self._provider.get_tracer("surefoot")

    @contextmanager
    def span(self, name: str, kind: SpanKind, **attributes: Attribute) -> Iterator[str]:
        """Opens a span below the current one and yields its trace id; an exception is recorded and raised on."""
        with self._tracer.start_as_current_span(name) as span:
            span.set_attribute("openinference.span.kind", kind)
            for key, value in attributes.items():
                span.set_attribute(key, value)
            yield format(span.get_span_context().trace_id, "032x")

    def close(self) -> None:
        """Flushes what is open."""
        self._provider.shutdown()


@contextmanager
def untraced() -> Iterator[None]:
    """Spans that end in this block go nowhere: what a program asks itself is nobody's question."""
    token = _UNTRACED.set(True)
    try:
        yield
    finally:
        _UNTRACED.reset(token)


def annotate(attributes: Mapping[str, Attribute]) -> None:
    """Adds attributes to the span that is open here; without one it does nothing."""
    from opentelemetry import trace

    span = trace.get_current_span()
    for key, value in attributes.items():
        span.set_attribute(key, value)


def keep_exchange(prompt: str, reply: str) -> None:
    """Adds what a chat model was told and what it replied to the span that is open here; it may be told several times.

    The record has them as `surefoot.chat.N.prompt` and `.reply`, each cut to 50,000 characters.
    """
    from opentelemetry import trace

    said = {"prompt": prompt[:_CHAT_CHARS], "reply": reply[:_CHAT_CHARS]}
    trace.get_current_span().add_event(_CHAT, said)


def _ids() -> Any:
    """Ids by the system's randomness: the generator of `random` gives the same ones again to who seeds it."""
    from opentelemetry.sdk.trace.id_generator import IdGenerator

    class SystemIds(IdGenerator):
        def generate_span_id(self) -> int:
            return randbits(64) or 1

        def generate_trace_id(self) -> int:
            return randbits(128) or 1

    return SystemIds()


def _exporter(sinks: Sequence[Sink]) -> Any:
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

    class SinkExporter(SpanExporter):
        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            for span in () if _UNTRACED.get() else spans:
                record = _record(span)
                for sink in sinks:
                    sink(record)
            return SpanExportResult.SUCCESS

    return SinkExporter()


def _record(span: ReadableSpan) -> SpanRecord:
    context = span.get_span_context()
    if context is None:
        raise ValueError("a finished span has no context")
    return SpanRecord(
        trace_id=format(context.trace_id, "032x"),
        span_id=format(context.span_id, "016x"),
        parent_id=format(span.parent.span_id, "016x") if span.parent else None,
        name=span.name,
        start_ns=span.start_time or 0,
        end_ns=span.end_time or 0,
        attributes={**(span.attributes or {}), **dict(_exchanges(span))},
        error="" if span.status.is_ok or not span.status.description else span.status.description,
    )


def _exchanges(span: ReadableSpan) -> Iterator[tuple[str, Any]]:
    told = [event.attributes or {} for event in span.events if event.name == _CHAT]
    for number, said in enumerate(told):
        for what, text in said.items():
            yield f"{_CHAT}.{number}.{what}", text
