"""Traces reach an OTLP collector, without content unless it is allowed; a collector that is away costs nothing."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from serving import make_space, running

from surefoot.core.errors import ConfigError
from surefoot.core.trace import SpanRecord
from surefoot.serve.live.telemetry import Telemetry, is_wanted

QUESTIONS = (("When are refunds paid?", "30 days"), ("退款什么时候支付？", "三十天"))


class OtlpReceiver:
    """Decodes what is posted to /v1/traces; answers with `status` after `wait_s`."""

    def __init__(self, status=200, wait_s=0.0):
        self.requests, self.paths, self.headers = [], [], []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(wait_s)
                receiver.paths.append(self.path)
                receiver.headers.append(dict(self.headers))
                receiver.requests.append(ExportTraceServiceRequest.FromString(body))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    @property
    def spans(self):
        """Every span with its attributes and those of its resource."""
        found = []
        for request in self.requests:
            for told in request.resource_spans:
                resource = {one.key: one.value.string_value for one in told.resource.attributes}
                for scope in told.scope_spans:
                    for span in scope.spans:
                        said = {one.key: _value(one.value) for one in span.attributes}
                        found.append((span, said, resource))
        return found


def _value(value):
    return getattr(value, value.WhichOneof("value"))


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    for name in os.environ:
        if name.startswith("OTEL_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "200")


def ask(url, question):
    reply = httpx.post(f"{url}/api/ask", json={"question": question}, timeout=60)
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_without_leave_nothing_is_said_of_the_contents(tmp_path):
    with OtlpReceiver() as receiver:
        with running(make_space(tmp_path / "house"), otlp_endpoint=f"{receiver.url}/") as house:
            token = house.key("ask", "admin")
            with httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:
                for question, _ in QUESTIONS:
                    client.post(f"{house.url}/api/ask", json={"question": question})
        assert set(receiver.paths) == {"/v1/traces"}
        spans = receiver.spans
        whole = "".join(str(request) for request in receiver.requests)
    names = [span.name for span, _, _ in spans]
    assert names.count("ask") == 2 and names.count("stage quote") == 2
    kinds = {said["openinference.span.kind"] for _, said, _ in spans}
    assert kinds == {"CHAIN", "RETRIEVER"}
    assert {resource["openinference.project.name"] for *_, resource in spans} == {"house"}
    assert {resource["service.name"] for *_, resource in spans} == {"surefoot"}
    assert any(".document.score" in key for _, said, _ in spans for key in said)
    for hidden in ("refund", "退款", "docs/", "三十", "\\351\\200\\200", ".md", token[:12]):
        assert hidden not in whole.lower()


@pytest.mark.parametrize(("question", "word"), QUESTIONS)
def test_with_leave_collectors_show_question_passages_and_answer(tmp_path, question, word):
    with OtlpReceiver() as receiver:
        sent = {"otlp_endpoint": receiver.url, "otlp_content": True}
        with running(make_space(tmp_path / "house"), **sent) as house:
            found = ask(house.url, question)
        spans = {span.name: (span, said) for span, said, _ in receiver.spans}
    root, said = spans["ask"]
    assert root.trace_id.hex() == found["trace_id"] and not root.parent_span_id
    assert root.end_time_unix_nano > root.start_time_unix_nano
    assert said["input.value"] == question and word in said["output.value"]
    search, said = spans["stage search"]
    assert search.parent_span_id == root.span_id
    assert word in said["retrieval.documents.0.document.content"]
    assert "docs/" in said["retrieval.documents.0.document.metadata"]


def test_the_environment_of_the_standard_is_obeyed(tmp_path, monkeypatch):
    with OtlpReceiver() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-team=blue")
        monkeypatch.setenv("OTEL_SERVICE_NAME", "handbook")
        with running(make_space(tmp_path / "house")) as house:
            ask(house.url, QUESTIONS[0][0])
        assert receiver.headers[0]["x-team"] == "blue"
        assert {resource["service.name"] for *_, resource in receiver.spans} == {"handbook"}


@pytest.mark.parametrize(
    ("endpoint", "env", "wanted"),
    [
        ("", {}, False),
        ("http://127.0.0.1:4318", {}, True),
        ("", {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, True),
        ("", {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, True),
        ("http://127.0.0.1:4318", {"OTEL_SDK_DISABLED": "true"}, False),
        ("http://127.0.0.1:4318", {"OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_when_spans_are_sent(endpoint, env, wanted):
    assert is_wanted(endpoint, env) is wanted


def test_another_protocol_is_refused(monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    with pytest.raises(ConfigError, match="not by grpc"):
        Telemetry("http://127.0.0.1:4318", content=False)


@pytest.mark.parametrize("away", ["refused", "500", "slow"])
def test_a_collector_that_is_away_costs_no_answer(tmp_path, away):
    with OtlpReceiver(500 if away == "500" else 200, 30 if away == "slow" else 0) as receiver:
        url = "http://127.0.0.1:9" if away == "refused" else receiver.url
        with running(make_space(tmp_path / "house"), otlp_endpoint=url) as house:
            ask(house.url, "Who?")
            took = []
            for number in range(10):
                began = time.monotonic()
                ask(house.url, f"When are refunds paid? {number}")
                took.append(time.monotonic() - began)
            ending = time.monotonic()
        # The slow collector takes 30 s for each request; nobody waits for that.
        assert time.monotonic() - ending < 25
    assert sorted(took)[5] < 15


def test_what_a_chat_model_was_told_and_replied_are_messages():
    said = {"surefoot.chat.0.prompt": "退款？", "surefoot.chat.0.reply": "三十天。"}
    span = SpanRecord("1" * 32, "2" * 16, None, "stage answer", 1, 2, said, error="no")
    with OtlpReceiver() as receiver:
        telemetry = Telemetry(receiver.url, content=True)
        telemetry.sink("house")(span)
        telemetry.close()
        ((sent, told, _),) = receiver.spans
    assert told["llm.input_messages.0.message.content"] == "退款？"
    assert told["llm.output_messages.0.message.role"] == "assistant"
    assert told["openinference.span.kind"] == "LLM"
    assert sent.status.code == 2 and sent.status.message == "no"


@contextmanager
def phoenix(program, folder):
    """Phoenix itself, on free ports, until the block ends."""
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        port, other = one.getsockname()[1], two.getsockname()[1]
    names = {"PORT": port, "GRPC_PORT": other, "WORKING_DIR": folder, "HOST": "127.0.0.1"}
    env = os.environ | {f"PHOENIX_{name}": str(value) for name, value in names.items()}
    env |= {"PHOENIX_TELEMETRY_ENABLED": "false", "PHOENIX_ALLOW_EXTERNAL_RESOURCES": "false"}
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([program, "serve"], env=env, stdout=quiet, stderr=quiet)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                if httpx.get(f"{url}/healthz", timeout=1).is_success:
                    break
            except httpx.HTTPError:
                pass
            time.sleep(0.5)
        else:
            raise AssertionError("Phoenix was never ready")
        yield url
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.slow
@pytest.mark.skipif(
    "SUREFOOT_TEST_PHOENIX" not in os.environ,
    reason="SUREFOOT_TEST_PHOENIX does not name the program of Phoenix",
)
def test_phoenix_shows_what_was_asked(tmp_path):
    with phoenix(os.environ["SUREFOOT_TEST_PHOENIX"], tmp_path / "phoenix") as url:
        sent = {"otlp_endpoint": url, "otlp_content": True}
        with running(make_space(tmp_path / "house"), **sent) as house:
            answers = [ask(house.url, question) for question, _ in QUESTIONS]
        for _ in range(60):
            reply = httpx.get(f"{url}/v1/projects/house/spans", params={"limit": 100})
            spans = reply.json()["data"] if reply.is_success else []
            if len([one for one in spans if one["name"] == "ask"]) == 2:
                break
            time.sleep(0.5)
    shown = {one["context"]["trace_id"]: one for one in spans if one["name"] == "ask"}
    for (question, word), answer in zip(QUESTIONS, answers, strict=True):
        told = shown[answer["trace_id"]]
        assert told["attributes"]["input.value"] == question
        assert word in told["attributes"]["output.value"]
    assert {one["span_kind"] for one in spans} == {"CHAIN", "RETRIEVER"}
