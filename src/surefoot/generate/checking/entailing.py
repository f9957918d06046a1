"""Asks a chat model whether the cited words say a sentence. Its no takes support away; its yes alone gives none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from pydantic import Field, PositiveInt

from surefoot.config.base import ModelName, PromptName, Settings
from surefoot.core.harmless import harmless
from surefoot.core.roles import Call, Parts
from surefoot.core.types import Chunk, Lang
from surefoot.generate.asking.passages import mark_of
from surefoot.generate.checking.verify import Source
from surefoot.models.asking import conversation, weigh

_WORDS: Final = {"en": ("Yes", "No"), "zh": ("是", "否")}
_SURE: Final = 0.9
_UNSOUND: Final = "the model that checks denies a sentence its own words: its no counts nothing"


class CheckSettings(Settings):
    """A chat model looks at the sentences that the check in code lets through."""

    model: ModelName = Field(
        description='a catalog alias, the path of a .gguf file, or "http:NAME" of an endpoint'
    )
    prompt: PromptName = "check/supported"
    of: Literal["weak", "all"] = Field(
        default="weak",
        description=f"weak: those of which less than {_SURE:.0%} of the words stand in the source; all: every one",
    )
    most: PositiveInt = Field(
        default=8, description="sentences of an answer that it is asked about at most"
    )


@dataclass
class SecondOpinion:
    """The opinion of a model on the claims of one answer; where it gives none, the verdict of the code stands.

    A model that says no is asked once whether the sentence itself says the sentence: where it denies that too, as very
    small models do, its no counts nothing.
    """

    settings: CheckSettings
    parts: Parts
    lang: Lang
    call: Call
    notes: list[str] = field(default_factory=list)
    _asked: int = 0
    _silent: bool = False
    _sound: bool = False

    def __call__(self, words: str, sources: Sequence[Source], /) -> bool:
        """Whether the sentence stays supported by these sources."""
        settings = self.settings
        if self._silent or (settings.of == "weak" and max(s.score for s in sources) >= _SURE):
            return True
        if self._asked >= settings.most:
            self.notes.append(f"a model checked the first {settings.most} sentences only")
            self._silent = True
            return True
        self._asked += 1
        return self._says_yes(words, sources)

    def _says_yes(self, words: str, sources: Sequence[Source]) -> bool:
        source = "\n".join(_shown(one) for one in sources)
        said = self._weighed(words, source, [one.chunk for one in sources])
        if said is not False:
            return True
        self._sound = self._sound or self._weighed(words, words, ()) is True
        if not self._sound:
            self._silent = True
            self.notes.append(_UNSOUND)
            return True
        self.notes.append(f"the model that checks finds no support for “{words}”")
        return False

    def _weighed(self, words: str, source: str, chunks: Sequence[Chunk]) -> bool | None:
        """Whether the model says that the source says the words; None where it says nothing."""
        lang: Lang = self.lang if self.lang in _WORDS else "en"
        values = {
            "sentence": harmless(words),
            "source": harmless(source),
            "mark": mark_of(words, chunks),
        }
        prompt = self.parts.prompt(self.settings.prompt, lang)
        model = self.parts.chat(self.settings.model)
        weighed = weigh(model, conversation(prompt, values), _WORDS[lang], self.call)
        if weighed.problem:
            self.notes.append(f"a sentence was checked in code alone: {weighed.problem}")
            self._silent = not weighed.logprobs
            return None
        yes, no = weighed.logprobs
        return yes >= no


def _shown(source: Source) -> str:
    above = "\n".join(part for part in (source.chunk.title, *source.chunk.headings) if part)
    return f"{above}\n{source.quote}" if above else source.quote
