"""Sends finished spans to an OpenTelemetry collector by OTLP over HTTP, with OpenInference attributes.

Spans are put in a bounded queue and sent from a thread of their own: a collector that is slow or away costs spans,
never an answer. Without leave they say what was done, when and how long, not what was asked, found or said.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from surefoot.core.errors import ConfigError, MissingExtra
from surefoot.core.trace import Sink, SpanRecord

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan

_TRACES: Final = "v1/traces"
_ENDPOINTS: Final = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_SPOKEN: Final = "http/protobuf"
_PLAIN: Final = frozenset(
    {
        "openinference.span.kind",
        "llm.cost.total",
        "surefoot.solution",
        "surefoot.solution_digest",
        "surefoot.stage",
        "surefoot.encoder_tokens",
        "surefoot.refused",
        "surefoot.confidence",
        "surefoot.cached",
        "surefoot.hits",
        "surefoot.dropped",
    }
)
"""What tells nothing of the contents, beside token counts and scores."""
_PLAIN_ENDS: Final = (".document.score", ".supported")
_NAMELESS: Final = "unknown_service"
_FINISH_S: Final = 5.0


def is_wanted(endpoint: str, env: Mapping[str, str] = os.environ) -> bool:
    """Whether spans are to be sent: an endpoint is set here or in the environment, and nothing there forbids it."""
    if env.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    if env.get("OTEL_TRACES_EXPORTER", "otlp") == "none":
        return False
    return bool(endpoint) or any(env.get(name) for name in _ENDPOINTS)


class Telemetry:
    """Sends spans to one collector. `endpoint` is its address without `/v1/traces`; empty is that of the environment.

    Headers, compression, certificates, timeouts and sizes of batches are those of the standard's `OTEL_...` variables.

    Raises:
        ConfigError: the environment asks for a protocol that is not spoken.
        MissingExtra: the exporter is not installed.
    """

    def __init__(self, endpoint: str, *, content: bool) -> None:
        protocol = next((os.environ[name] for name in _PROTOCOLS if os.environ.get(name)), _SPOKEN)
        if protocol != _SPOKEN:
            raise ConfigError(
                f"traces are sent by {_SPOKEN}, not by {protocol}",
                where="OTEL_EXPORTER_OTLP_PROTOCOL",
            )
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        except ImportError:
            raise MissingExtra(
                "opentelemetry-exporter-otlp-proto-http", extra="otlp", why="sending traces"
            ) from None
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        place = f"{endpoint.rstrip('/')}/{_TRACES}" if endpoint else None
        self._sender = BatchSpanProcessor(OTLPSpanExporter(endpoint=place))
        self._content = content

    def sink(self, project: str) -> Sink:
        """Takes the spans of one workspace, which collectors show as a project."""
        from opentelemetry.sdk.resources import Resource

        resource = Resource.create({"openinference.project.name": project})
        if str(resource.attributes.get("service.name", _NAMELESS)).startswith(_NAMELESS):
            resource = resource.merge(Resource({"service.name": "surefoot"}))

        def take(span: SpanRecord) -> None:
            self._sender.on_end(_readable(span, resource, content=self._content))

        return take

    def close(self) -> None:
        """Sends what waits, for a few seconds at most."""
        from threading import Thread

        ending = Thread(target=self._sender.shutdown, name="surefoot-otlp-end", daemon=True)
        ending.start()
        ending.join(_FINISH_S)


def _readable(span: SpanRecord, resource: Resource, *, content: bool) -> ReadableSpan:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import SpanContext, TraceFlags
    from opentelemetry.trace.status import Status, StatusCode

    def context(span_id: str) -> SpanContext:
        flags = TraceFlags(TraceFlags.SAMPLED)
        return SpanContext(
            int(span.trace_id, 16), int(span_id, 16), is_remote=False, trace_flags=flags
        )

    said = dict(_told(span.attributes) if content else _plain(span.attributes))
    failed = Status(StatusCode.ERROR, span.error if content else None)
    return ReadableSpan(
        name=span.name,
        context=context(span.span_id),
        parent=context(span.parent_id) if span.parent_id else None,
        resource=resource,
        attributes=said,
        status=failed if span.error else Status(StatusCode.OK),
        start_time=span.start_ns,
        end_time=span.end_ns,
    )


def _plain(attributes: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in attributes.items():
        if key in _PLAIN or key.startswith("llm.token_count.") or key.endswith(_PLAIN_ENDS):
            yield key, value


def _told(attributes: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """All of it, in the names that OpenInference has for it."""
    chats = 0
    for key, value in attributes.items():
        name, _, rest = key.partition("retrieval.documents.")
        if not name and rest.endswith((".document.by", ".document.source")):
            continue  # in the metadata
        if key.startswith("surefoot.chat."):
            yield from _message(key, value)
            chats += 1
            continue
        yield key, value
        if not name and rest.endswith(".document.id"):
            head = key.removesuffix("id")
            found = {
                one: attributes[head + one] for one in ("by", "source") if head + one in attributes
            }
            yield f"{head}metadata", json.dumps(found, ensure_ascii=False)
    if chats:
        yield "openinference.span.kind", "LLM"
    if "input.value" in attributes:
        yield "input.mime_type", "text/plain"


_SIDES: Final[Mapping[str, Callable[[str], tuple[str, str]]]] = {
    "prompt": lambda number: (f"llm.input_messages.{number}.message", "user"),
    "reply": lambda number: (f"llm.output_messages.{number}.message", "assistant"),
}


def _message(key: str, value: Any) -> Iterator[tuple[str, Any]]:
    _, _, number, side = key.split(".")
    place, role = _SIDES[side](number)
    yield f"{place}.role", role
    yield f"{place}.content", value
