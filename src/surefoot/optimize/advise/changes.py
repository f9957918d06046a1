"""What would change the advice: each answer turned over in thought, and what the rule of thumb would then say."""

from __future__ import annotations

from surefoot.optimize.advise.forms import form_of
from surefoot.optimize.advise.interview import AdviceLang
from surefoot.optimize.advise.rule import KEYS, Needs, rule
from surefoot.optimize.advise.words import has_word, word


def changes(needs: Needs, lang: AdviceLang) -> tuple[str, ...]:
    """One sentence for each other advice that a single answer would lead to; how firm the advice is; and measuring."""
    now = form_of(needs)
    instead: dict[str, list[str]] = {}
    for key in KEYS:
        other = form_of(needs.flipped(key))
        if other != now:
            said = "no" if getattr(needs, key) else "yes"
            text = word(lang, f"change.{key}.{said}", plenty=rule().plenty)
            instead.setdefault(other, []).append(text)
    found = [
        word(
            lang,
            "instead.if",
            changes=word(lang, "instead.or").join(texts),
            then=word(lang, _place(now, form)),
        )
        for form, texts in instead.items()
    ]
    calling = sum(getattr(needs, key) for key in rule().rag_any if key not in needs.assumed)
    if calling > 1:
        found.append(word(lang, "instead.firm", n=calling))
    return (*found, word(lang, "instead.measure"))


def _place(now: str, other: str) -> str:
    """Where the words are: those of going from one to the other, if there are any."""
    special = f"instead.{now}_to_{other}"
    return special if has_word(special) else f"instead.{other}"
