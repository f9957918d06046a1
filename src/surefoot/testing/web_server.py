"""A loopback web site for tests: pages with ETags, redirects, and whatever else a test has it do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from surefoot.testing.loopback import Loopback


@dataclass(frozen=True, slots=True)
class WebPage:
    """What the site sends for a path; with an ETag or Last-Modified it answers 304 to who has seen it."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    type: str = "text/html; charset=utf-8"


Misbehaviour = Callable[[BaseHTTPRequestHandler], None]


class WebServer(Loopback):
    """Serves `pages` by path (query included); `asked` holds path and headers of each request, in lower case.

    A page may also be a callable that is given the request. Use it with `with`: it listens on a free port of
    127.0.0.1 in a thread.
    """

    def __init__(self, pages: Mapping[str, WebPage | Misbehaviour] | None = None) -> None:
        self.pages: dict[str, WebPage | Misbehaviour] = dict(pages or {})
        self.asked: list[tuple[str, Mapping[str, str]]] = []
        super().__init__(_handler_class(self))

    @property
    def paths(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [path for path, _ in self.asked]

    def url(self, path: str = "/") -> str:
        """The URL of a path."""
        return f"http://{self.host}{path}"


def html(text: str, *links: str, head: str = "", **headers: str) -> WebPage:
    """An HTML page of paragraphs (one a line of `text`, the first as heading) that links to others."""
    title, *lines = text.split("\n")
    anchors = "".join(f'<li><a href="{link}">{link}</a></li>' for link in links)
    paragraphs = "".join(f"<p>{line}</p>" for line in lines)
    body = (
        f"<!doctype html><html><head><title>{title}</title>{head}</head><body><main>"
        f"<h1>{title}</h1>{paragraphs}</main><nav><ul>{anchors}</ul></nav></body></html>"
    )
    return WebPage(body.encode(), headers={k.replace("_", "-"): v for k, v in headers.items()})


def moved(to: str, status: int = 302) -> WebPage:
    """A redirect."""
    return WebPage(status=status, headers={"Location": to})


def _handler_class(site: WebServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            seen = {name.lower(): value for name, value in self.headers.items()}
            site.asked.append((self.path, seen))
            page = site.pages.get(self.path, WebPage(b"not here", 404))
            if callable(page):
                page(self)
                return
            known = {"etag": "if-none-match", "last-modified": "if-modified-since"}
            held = {name.lower(): value for name, value in page.headers.items()}
            same = any(name in held and held[name] == seen.get(ask) for name, ask in known.items())
            self.send_response(304 if same else page.status)
            body = b"" if same else page.body
            for name, value in {"Content-Type": page.type, **page.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    return Handler
