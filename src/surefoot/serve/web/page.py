"""Renders screens: the template, the reader's language and theme, and headers that let nothing foreign run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Annotated, Any, Final, cast

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from surefoot.config.said import told
from surefoot.serve.problems import Refused
from surefoot.serve.serving import Serving, serving_of
from surefoot.serve.web import words
from surefoot.serve.web.how import How
from surefoot.serve.web.navigation import Screen, shown_to
from surefoot.serve.web.static_files import asset
from surefoot.serve.who import Principal

LANG_COOKIE: Final = "surefoot_lang"
THEME_COOKIE: Final = "surefoot_theme"
THEMES: Final = ("auto", "light", "dark")
_MARKS: Final = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|[|:\- \t]*-{3}[|:\- \t]*$)", re.MULTILINE)
_CELL: Final = re.compile(r"[ \t]*\|[ \t]*")
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "object-src 'none'; base-uri 'self'; frame-ancestors 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Of every page: no inline script or style, nothing from or to another host."""


@dataclass(frozen=True, slots=True)
class View:
    """A request for a screen: who asks, in which language and theme, and whether only a part is wanted."""

    request: Request
    serving: Serving
    who: Principal | None
    lang: words.Lang
    theme: str

    @property
    def base(self) -> str:
        """The address of this server, with a slash at the end."""
        return str(self.request.base_url)

    @property
    def is_part(self) -> bool:
        """Whether the page that is open asks for a part of itself."""
        return self.request.headers.get("hx-request") == "true"

    @property
    def screens(self) -> tuple[Screen, ...]:
        """The screens that whoever asks may use."""
        return shown_to(self.who) if self.who else ()

    def say(self, key: str, **values: object) -> str:
        """An entry of the catalogue in the reader's language; raises KeyError where there is none."""
        return words.say(self.lang, key, **values)

    def text(self, template: str, **values: Any) -> str:
        """A rendered template; everything that is not markup of a template is escaped."""
        given = {
            "w": self.say,
            "known": partial(words.known, self.lang),
            "told": partial(told, self.lang),
            "asset": asset,
            "lang": self.lang,
            "theme": self.theme,
            "path": self.request.url.path,
            "screens": self.screens,
            "who": self.who,
        }
        return _environment().get_template(template).render(given | values)

    def show(
        self,
        template: str,
        *,
        how: How | None = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **values: Any,
    ) -> HTMLResponse:
        """The page or part; `how` tells how the same is done on a command line and by HTTP."""
        text = self.text(template, how=how, **values)
        return HTMLResponse(text, status, headers=dict(HEADERS) | dict(headers or {}))


def view_of(request: Request) -> View:
    """What a route needs to show something."""
    chosen = request.cookies.get(LANG_COOKIE)
    lang = next((one for one in words.LANGS if one == chosen), None)
    lang = lang or words.preferred(request.headers.get("accept-language", ""))
    theme = request.cookies.get(THEME_COOKIE, "")
    return View(
        request,
        serving_of(request),
        cast("Principal | None", getattr(request.state, "who", None)),
        lang,
        theme if theme in THEMES else "auto",
    )


Shown = Annotated[View, Depends(view_of)]
"""The parameter of a route that shows something."""


def problem_page(request: Request, problem: Refused, hint: str) -> HTMLResponse | None:
    """A refusal as a page, or as a notice where a part was wanted; None where the request is not of the page."""
    browser = "text/html" in request.headers.get("accept", "")
    if not request.url.path.startswith("/ui") and not (
        browser and request.url.path.startswith("/documents/")
    ):
        return None
    view = view_of(request)
    name = "notice.html" if view.is_part else "problem.html"
    return view.show(name, status=problem.status, problem=problem, hint=hint)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("surefoot.serve.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters["excerpt"] = excerpt
    made.filters["figure"] = figure
    made.filters["size"] = size
    return made


def excerpt(text: str, length: int) -> str:
    """The beginning of a passage as one line: cells parted by dots, without marks of headings and rules of tables."""
    plain = _CELL.sub(" · ", _MARKS.sub(" ", text))
    words = " ".join(plain.split()).replace("· ·", "·").strip("· ")
    return words if len(words) <= length else words[: length - 1].rstrip() + "…"


def figure(value: float | None, digits: int = 3) -> str:
    """A number for a table: fixed digits, a real minus; a dash where there is none."""
    return "–" if value is None else f"{value:.{digits}f}".replace("-", "\N{MINUS SIGN}")


def size(count: int) -> str:
    """Bytes in the unit that people use, to three figures."""
    value, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 999.5:
            break
        value, unit = value / 1000, larger
    return f"{value:.{0 if value >= 99.95 or unit == 'B' else 1}f} {unit}"
