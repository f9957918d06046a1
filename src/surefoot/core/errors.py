"""Errors sorted by who must act. Knows nobody; `exit_code` is the contract with the command line."""

from __future__ import annotations

from typing import ClassVar


class SurefootError(Exception):
    """Something failed; `hint` is the remedy and `where` the file, key or input it concerns.

    Printed as ``KIND: where: message | hint``.
    """

    code: ClassVar[str] = "failure"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}" if self.where else self.message
        return f"{text} | {self.hint}" if self.hint else text


class ConfigError(SurefootError):
    """A setting or argument is wrong: the user edits it; never retried."""

    code = "config"
    exit_code = 2


class MissingError(SurefootError):
    """A named thing (document, run, model, workspace) is not there."""

    code = "missing"
    exit_code = 3


class MissingExtra(MissingError):
    """An optional part of the installation is needed: the user installs it."""

    code = "missing_extra"

    def __init__(self, package: str, *, extra: str, why: str) -> None:
        super().__init__(
            f"{why} needs the package {package}", hint=f'pip install "surefoot[{extra}]"'
        )


class DataError(SurefootError):
    """One input is bad: it is skipped, counted and reported, and the rest goes on."""

    code = "data"
    exit_code = 5


class TransientError(SurefootError):
    """It may work in a moment: the only kind that is retried."""

    code = "transient"

    def __init__(
        self, message: str, *, where: str = "", hint: str = "", retry_after_s: float | None = None
    ) -> None:
        super().__init__(message, where=where, hint=hint)
        self.retry_after_s = retry_after_s


class CapReached(SurefootError):
    """A limit on time, money or tokens stopped the work; results so far are kept."""

    code = "cap"
    exit_code = 5
