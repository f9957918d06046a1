"""How errors leave a server: one body for all routes, in the shape that OpenAI clients read."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from surefoot.core.errors import (
    CapReached,
    ConfigError,
    DataError,
    MissingError,
    MissingExtra,
    SurefootError,
    TransientError,
)

RETRY_S: Final = 1
_TYPES: Final[Mapping[int, str]] = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    409: "conflict_error",
    413: "invalid_request_error",
    415: "invalid_request_error",
    421: "invalid_request_error",
    422: "invalid_request_error",
    429: "rate_limit_error",
}
_STATUS: Final[tuple[tuple[type[SurefootError], int], ...]] = (
    (MissingExtra, 501),
    (MissingError, 404),
    (ConfigError, 400),
    (DataError, 422),
    (TransientError, 503),
    (CapReached, 504),
)


class ErrorDetail(BaseModel):
    """What went wrong: `param` names the field, `code` the kind; `hint`, in the message too, says what to do."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None
    hint: str | None = None


class ErrorBody(BaseModel):
    """The body of every reply that is not a success."""

    error: ErrorDetail


RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": ErrorBody} for status in (*_TYPES, 500, 501, 503, 504)
}
"""What any route may answer besides; for the OpenAPI description."""


class Refused(Exception):
    """A request that is not answered, with its status."""

    def __init__(
        self, status: int, message: str, *, code: str = "", param: str = "", retry_s: float = 0
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.param = param
        self.retry_s = retry_s


def reply(problem: Refused, hint: str = "") -> JSONResponse:
    """The reply that says so."""
    kind = _TYPES.get(problem.status, "server_error")
    detail = ErrorDetail(
        message=f"{problem.message} | {hint}" if hint else problem.message,
        type=kind,
        param=problem.param or None,
        code=problem.code or None,
        hint=hint or None,
    )
    headers = {}
    if problem.status in (429, 503):
        headers["Retry-After"] = str(max(RETRY_S, math.ceil(problem.retry_s)))
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(ErrorBody(error=detail).model_dump(), problem.status, headers)


def refusal_of(problem: SurefootError) -> Refused:
    """An error of the house as a refused request; where it happened is told, secrets never stand in it."""
    status = next((status for kind, status in _STATUS if isinstance(problem, kind)), 500)
    retry = (problem.retry_after_s or 0.0) if isinstance(problem, TransientError) else 0.0
    text = f"{problem.where}: {problem.message}" if problem.where else problem.message
    return Refused(status, text, code=problem.code, retry_s=retry)


Page = Callable[[Request, Refused, str], Response | None]
"""Shows a refusal and its remedy to people, where the request came from a page."""


def install(app: FastAPI, page: Page) -> None:
    """Makes every error of every route leave in this shape, or as `page` shows it."""

    def told(request: Request, problem: Refused, hint: str = "") -> Response:
        return page(request, problem, hint) or reply(problem, hint)

    async def refused(request: Request, problem: Exception) -> Response:
        assert isinstance(problem, Refused)
        return told(request, problem)

    async def ours(request: Request, problem: Exception) -> Response:
        assert isinstance(problem, SurefootError)
        return told(request, refusal_of(problem), problem.hint)

    async def unread(request: Request, problem: Exception) -> Response:
        assert isinstance(problem, RequestValidationError)
        first = problem.errors()[0]
        place = ".".join(str(part) for part in first["loc"] if part != "body")
        return told(request, Refused(422, f"{place}: {first['msg']}", code="invalid", param=place))

    async def plain(request: Request, problem: Exception) -> Response:
        assert isinstance(problem, HTTPException)
        return told(request, Refused(problem.status_code, str(problem.detail)))

    async def unexpected(request: Request, problem: Exception) -> Response:
        return told(request, Refused(500, f"an error of the server: {type(problem).__name__}"))

    app.add_exception_handler(Refused, refused)
    app.add_exception_handler(SurefootError, ours)
    app.add_exception_handler(RequestValidationError, unread)
    app.add_exception_handler(HTTPException, plain)
    app.add_exception_handler(Exception, unexpected)
