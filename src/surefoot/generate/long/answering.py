"""Words the questions of map-reduce and refine for the stage `answer`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from surefoot.core.harmless import harmless
from surefoot.core.roles import ChatModel
from surefoot.core.types import Chunk, Lang, Query
from surefoot.generate.answer_settings import AnswerSettings
from surefoot.generate.asking.passages import Shown
from surefoot.generate.asking.prompting import Manner, Said
from surefoot.generate.asking.wording import Asking, Wording
from surefoot.generate.long.groups import Groups, grouped
from surefoot.generate.long.map_reduce import map_reduce
from surefoot.generate.long.reading import Read
from surefoot.generate.long.refine import refine

_SHARE = 2  # what the answer so far may take of the room: one part of so many


@dataclass(frozen=True)
class LongAnswer:
    """One question over all its passages; `ask` asks the model, and tells nobody."""

    settings: AnswerSettings
    wording: Wording
    query: Query
    lang: Lang
    model: ChatModel
    ask: Callable[[Asking, Manner], Said]

    def read(self, chunks: Sequence[Chunk], *, seed: int) -> tuple[Groups, Read | None]:
        """The passages by group and what the model made of them; None where one prompt holds them all, or none fits."""
        groups = grouped(
            chunks[: self.settings.passages],
            self._room(),
            self.model.count_tokens,
            seed=str(seed),
        )
        if len(groups.shown) < 2:
            return groups, None
        if self.settings.over == "refine":
            return groups, refine(self, groups, cited=self.settings.reply == "cited")
        return groups, map_reduce(self, groups, workers=self.settings.workers_allowed)

    def begin(self, shown: Shown) -> Said:
        """A first answer, from one group."""
        return self._asked(self.settings.prompt, self._manner, mark=shown.mark, passages=shown.text)

    def find(self, shown: Shown) -> Said:
        """What in one group helps to answer."""
        return self._asked(self.settings.find, Manner(), mark=shown.mark, passages=shown.text)

    def combine(self, findings: str, mark: str, *, last: bool) -> Said:
        """The answer from what was found, or fewer findings, asked for in the same words."""
        values = {"mark": mark, "findings": findings}
        asking = self.wording.asking(self.settings.combine, self.query, self.lang, values)
        return self.ask(asking, self._manner if last else Manner())

    def improve(self, reply: str, shown: Shown) -> Said:
        """The answer with what one more group adds."""
        values = {"passages": shown.text, "answer": harmless(reply)}
        return self._asked(self.settings.improve, self._manner, mark=shown.mark, **values)

    def findings_room(self) -> int:
        """Tokens that findings may take together."""
        return self.wording.room(self.settings.combine, self.query, self.lang, self.model)

    def count_tokens(self, text: str) -> int:
        """Tokens of the model."""
        return self.model.count_tokens(text)

    @property
    def _manner(self) -> Manner:
        return Manner(self.settings.thinking, self.settings.reply == "plain")

    def _asked(self, prompt: str, manner: Manner, **values: str) -> Said:
        asking = self.wording.asking(prompt, self.query, self.lang, values)
        return self.ask(asking, manner)

    def _room(self) -> int:
        """Tokens of one group: what the longest of the prompts leaves."""
        used = (self.settings.prompt, self.settings.find, self.settings.improve)
        room = min(
            self.wording.room(name, self.query, self.lang, self.model) for name in used if name
        )
        if self.settings.over == "refine":  # the answer so far stands beside the passages
            return max(room - self.settings.max_tokens, room // _SHARE)
        return room
