"""A loopback server that speaks the OpenAI chat protocol from a FakeChat, and misbehaves as it is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from surefoot.core.roles import Message, Sampling
from surefoot.testing.fakes import FakeChat
from surefoot.testing.loopback import Loopback


@dataclass(frozen=True, slots=True)
class Sent:
    """A reply as it goes over the wire."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})


class ChatServer(Loopback):
    """Answers as `chat` does; the replies in `script` go out first. `asked` holds headers and body of each request.

    Use it with `with`: it listens on a free port of 127.0.0.1 in a thread.
    """

    def __init__(self, chat: FakeChat) -> None:
        self.chat = chat
        self.script: list[Sent] = []
        self.asked: list[tuple[Mapping[str, str], dict[str, Any]]] = []
        super().__init__(_handler_class(self._answer))

    @property
    def url(self) -> str:
        """The base URL for clients."""
        return f"http://{self.host}/v1"

    def _answer(self, headers: Mapping[str, str], body: dict[str, Any]) -> Sent:
        self.asked.append((headers, body))
        return self.script.pop(0) if self.script else _reply(self.chat, body)


def whole(raw: object, status: int = 200, **headers: str) -> Sent:
    """A reply in one piece of JSON; `headers` come on top, with `_` for `-`."""
    extra = {name.replace("_", "-"): value for name, value in headers.items()}
    return Sent(json.dumps(raw).encode(), status, {"Content-Type": "application/json", **extra})


def events(*parts: object, end: str = "data: [DONE]\n\n") -> Sent:
    """A streamed reply; texts among `parts` are sent as they are, all else as JSON."""
    lines = [part if isinstance(part, str) else json.dumps(part) for part in parts]
    text = ": ping\n\n" + "".join(f"data: {line}\n\n" for line in lines) + end
    return Sent(text.encode(), headers={"Content-Type": "text/event-stream"})


def _reply(chat: FakeChat, body: dict[str, Any]) -> Sent:
    pieces: list[str] = []
    said = chat.chat(
        [Message(message["role"], message["content"]) for message in body["messages"]],
        Sampling(max_tokens=body["max_tokens"], stop=tuple(body.get("stop", ()))),
        pieces.append,
    )
    usage = {
        "prompt_tokens": said.usage.prompt_tokens,
        "completion_tokens": said.usage.completion_tokens,
    }
    if not body.get("stream"):
        message = {"role": "assistant", "content": said.text}
        return whole({"choices": [_choice(said.finish, message=message)], "usage": usage})
    return events(
        {"choices": [_choice(None, delta={"role": "assistant", "content": ""})]},
        *({"choices": [_choice(None, delta={"content": piece})]} for piece in pieces),
        {"choices": [_choice(said.finish, delta={})]},
        {"choices": [], "usage": usage},
    )


def _choice(finish: str | None, **part: object) -> dict[str, object]:
    return {"index": 0, "finish_reason": finish, **part}


def _handler_class(
    answer: Callable[[Mapping[str, str], dict[str, Any]], Sent],
) -> type[BaseHTTPRequestHandler]:
    class Asked(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            sent = answer(dict(self.headers), body)
            self.send_response(sent.status)
            for name, value in sent.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(sent.body)))
            self.end_headers()
            self.wfile.write(sent.body)

        def log_message(self, *values: object) -> None:
            """Says nothing: requests are in `asked`."""

    return Asked
