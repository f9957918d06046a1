"""What to watch on the way: cautions that follow from privacy, latency, hardware and means. They change no path."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from surefoot.optimize.advise.forms import Form
from surefoot.optimize.advise.interview import Answers

_SEARCHING: frozenset[Form] = frozenset({"rag", "rag_examples", "both"})
_TRAINED: frozenset[Form] = frozenset({"tune", "both"})
_WITH_EXAMPLES: frozenset[Form] = frozenset({"prompt_examples", "rag_examples"})
_MANY = 5000
"""Examples from which full training is worth an arm, given the machines."""


def cautions(form: Form, answers: Answers) -> Iterator[str]:
    """The keys of what to say, in order."""
    for key, holds in _CONDITIONS:
        if holds(form, answers):
            yield key


def worth_full(form: Form, answers: Answers) -> bool:
    """Whether full training should be compared too."""
    many = (answers.labelled or 0) >= _MANY
    return form in _TRAINED and answers.hardware == "gpus" and answers.budget == "weeks" and many


def _fast(answers: Answers) -> bool:
    return answers.latency == "second"


_CONDITIONS: tuple[tuple[str, Callable[[Form, Answers], bool]], ...] = (
    ("danger", lambda _, a: a.hallucination == "dangerous"),
    ("rights", lambda f, a: f in _SEARCHING and a.privacy == "restricted"),
    ("leak", lambda f, a: f in _TRAINED and a.privacy == "restricted"),
    ("leak_examples", lambda f, a: f in _WITH_EXAMPLES and a.privacy == "restricted"),
    ("own", lambda _, a: a.privacy in ("own", "restricted")),
    ("collect", lambda f, a: f in _WITH_EXAMPLES and not a.labelled),
    ("provider", lambda _, a: a.privacy == "anyone"),
    ("format_rows", lambda f, _: f == "both"),
    ("fast_quote", lambda f, a: f == "rag" and _fast(a) and a.hardware == "cpu"),
    ("fast_examples", lambda f, a: f in _WITH_EXAMPLES and _fast(a)),
    ("fast_tune", lambda f, a: f == "tune" and _fast(a)),
    (
        "cpu_tune",
        lambda f, a: f in _TRAINED and a.hardware == "cpu" and a.privacy in (None, "anyone"),
    ),
    (
        "cpu_tune_own",
        lambda f, a: f in _TRAINED and a.hardware == "cpu" and a.privacy in ("own", "restricted"),
    ),
    ("gpu_tune", lambda f, a: f in _TRAINED and a.hardware in ("gpu", "gpus")),
    ("full", worth_full),
    ("afternoon_both", lambda f, a: f == "both" and a.budget == "afternoon"),
    ("afternoon_tune", lambda f, a: f == "tune" and a.budget == "afternoon"),
)
