"""Asks and searches for a request: as its principal, within its time, stopped when nobody waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Final
from urllib.parse import quote, urlsplit

from surefoot.core.errors import ConfigError, SurefootError
from surefoot.core.filters import Filter
from surefoot.core.roles import Call, Meter, Wish
from surefoot.core.steps import Step
from surefoot.core.types import Answer, Citation, Hit, Usage
from surefoot.run.serving import is_live
from surefoot.run.workspace import Asked, Workspace
from surefoot.serve.desk import Gone
from surefoot.serve.live.answers import key_of, may_be_kept, recalled, version_of
from surefoot.serve.serving import Serving
from surefoot.serve.who import Principal

MAX_QUESTION = 20_000
"""Characters of a question; a longer one is refused."""
_WEB: Final = frozenset({"http", "https"})


@dataclass(frozen=True, slots=True)
class Question:
    """What a request asks; an empty model is that of the key, else the workspace's own."""

    text: str
    model: str = ""
    history: tuple[tuple[str, str], ...] = ()
    filter: Filter | None = None
    seed: int = 0
    wish: Wish = field(default_factory=Wish)


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of it. `model` is the solution that answered, `digest` its digest; `cached`: a former answer again."""

    asked: Asked
    model: str
    digest: str
    usage: Usage
    cached: bool = False

    @property
    def answer(self) -> Answer:
        """The answer.

        Raises:
            ConfigError: the solution has no stage that answers.
        """
        if self.asked.turn.answer is None:
            raise ConfigError("no stage of this solution answers", where=self.model)
        return self.asked.turn.answer


def ask(
    serving: Serving,
    who: Principal,
    question: Question,
    gone: Gone,
    on_text: Callable[[str], None] | None = None,
    on_step: Callable[[Step], None] | None = None,
) -> Answered:
    """Answers with what the principal may read.

    Raises:
        MissingError: there is no such model.
        CapReached: it took too long, or nobody waits any more.
    """
    call = replace(_call(serving, question, gone, on_text=on_text), on_step=on_step)
    return _run(serving, who, question, call)


def search(
    serving: Serving, who: Principal, question: Question, gone: Gone, *, limit: int
) -> tuple[Answered, tuple[Hit, ...]]:
    """The best hits that the principal may read, at most `limit`; raises as `ask`."""
    call = _call(serving, question, gone, limit=limit)
    found = _run(serving, who, question, call, answer=False)
    return found, found.asked.turn.hits[:limit]


def viewer_url(base: str, citation: Citation) -> str:
    """Where the cited span is shown, on this server; `base` is its address with a slash at the end.

    What an engine elsewhere told is shown there, and where that has no web address the text is empty.
    """
    if citation.chunk.outside:
        return web_address(citation.chunk.uri)
    name = quote(citation.chunk.document_id, safe="")
    return f"{base}documents/{name}?start={citation.source_start}&end={citation.source_end}"


def web_address(uri: str) -> str:
    """Where a browser may go for what an engine elsewhere told; empty where that is no page of the web."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return ""
    return uri if parts.scheme.lower() in _WEB and parts.hostname else ""


def timed(serving: Serving, gone: Gone) -> Call:
    """A call with the time of a request and a meter of its own; it ends when nobody waits."""
    deadline = monotonic() + serving.settings.serve_timeout_s
    return Call(deadline_s=deadline, meter=Meter(), gone=gone)


def _call(
    serving: Serving,
    question: Question,
    gone: Gone,
    *,
    on_text: Callable[[str], None] | None = None,
    limit: int | None = None,
) -> Call:
    call = timed(serving, gone)
    return replace(call, seed=question.seed, limit=limit, on_text=on_text, wish=question.wish)


def _run(
    serving: Serving, who: Principal, question: Question, call: Call, *, answer: bool = True
) -> Answered:
    if not question.text.strip():
        raise ConfigError("the question is empty", where="input")
    if len(question.text) > MAX_QUESTION:
        raise ConfigError(f"a question has at most {MAX_QUESTION} characters", where="input")
    wanted = question.model or who.model
    call.check_deadline()
    with who.tenant.using(wanted) as space:
        try:
            return _once(serving, who, space, question, call, answer=answer)
        except SurefootError:
            if space.solution.corpus is None or is_live(space.resources):
                raise
        who.tenant.renew(wanted, space)  # another index answers since; it is complete
    with who.tenant.using(wanted) as space:
        return _once(serving, who, space, question, call, answer=answer)


def _once(
    serving: Serving,
    who: Principal,
    space: Workspace,
    question: Question,
    call: Call,
    *,
    answer: bool,
) -> Answered:
    answers = who.tenant.answers
    query = space.query(
        question.text, filter=question.filter, asker=who.asker, history=question.history
    )
    call = replace(call, key=who.name)
    keeps = answer and answers.entries > 0
    age, key = answers.age, key_of(space, query, call) if keeps else None
    kept = answers.get(key, monotonic()) if key is not None else None
    if kept is not None:
        serving.metrics.recalled(found=True)
        asked = recalled(space, kept, query, call)
    else:
        try:
            asked = space.run(query, call, answer=answer)
        finally:
            serving.door.count(who, call.meter.usage)
            serving.metrics.used(call.meter.usage)
    if key is not None and kept is None:
        serving.metrics.recalled(found=False)
        if may_be_kept(asked, space.solution) and version_of(space) == key.version:
            answers.put(key, asked, monotonic(), age)
    if asked.turn.answer is not None:
        serving.metrics.answered(refused=asked.turn.answer.refused)
    return Answered(
        asked,
        space.solution.name,
        space.resources.digest,
        call.meter.usage,
        cached=kept is not None,
    )
