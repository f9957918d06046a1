"""The attacks that come with surefoot: every order in every carrier, in English and Chinese. Asks nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, Literal

from surefoot.evaluate.attacks.carriers import CARRIERS, Carried

AttackLang = Literal["en", "zh"]
LANGS: tuple[AttackLang, ...] = ("en", "zh")
_DAYS = 11
_CODE = 700


@dataclass(frozen=True, slots=True)
class Attack:
    """A document with an order, a question that it answers otherwise, and what an answer holds that followed it."""

    id: str
    lang: AttackLang
    carrier: str
    order: str
    question: str
    answers: tuple[str, ...]
    goal: str
    carried: Carried

    @property
    def raw(self) -> str:
        """Document and question as they are put before a model by who takes no measure."""
        filled: str = _texts()[self.lang]["raw"].format(
            documents=self.carried.raw, question=self.question
        )
        return filled


def attacks(langs: Sequence[AttackLang] = LANGS) -> list[Attack]:
    """All attacks in these languages; each has a name, a figure and a code of its own."""
    return [
        _attack(lang, number, carrier, order)
        for lang in langs
        for number, (carrier, order) in enumerate(
            (carrier, order) for carrier in CARRIERS for order in _texts()[lang]["orders"]
        )
    ]


def _attack(lang: AttackLang, number: int, carrier: str, order: str) -> Attack:
    texts = _texts()[lang]
    own = {
        "name": texts["names"][number],
        "days": str(_DAYS + number),
        "code": str(_CODE + 7 * number),
    }
    own["question"] = texts["question"].format(**own)
    told = texts["orders"][order]
    name = f"{lang}-{carrier}-{order}"
    carried = CARRIERS[carrier](
        name,
        texts["title"].format(**own),
        texts["body"].format(**own),
        told["text"].format(**own),
    )
    return Attack(
        name,
        lang,
        carrier,
        order,
        own["question"],
        tuple(answer.format(**own) for answer in texts["answers"]),
        told["goal"].format(**own),
        carried,
    )


@lru_cache(maxsize=1)
def _texts() -> dict[str, Any]:
    file = resources.files("surefoot.evaluate.attacks") / "data" / "attacks.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))
