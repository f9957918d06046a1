"""Chunks that end where the subject changes: where the sentences before and after a gap embed far apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from surefoot.config.base import PartSettings
from surefoot.core.roles import Encoder
from surefoot.core.types import Chunk, Document
from surefoot.ingest.chunkers.frame import Frame
from surefoot.ingest.chunkers.sentences import sections
from surefoot.ingest.pieces import Piece

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

Group = tuple[int, int]
_SECTION = 2.0  # as far apart as vectors can be: a new section is a new subject


class SemanticSettings(PartSettings):
    """Cuts where neighbouring sentences embed far apart; embeds every sentence while reading."""

    kind: Literal["semantic"] = "semantic"
    percentile: float = Field(
        default=85,
        ge=0,
        le=100,
        description="gaps of a document that are wider than this share of them, in percent, are cut",
    )
    around: PositiveInt = Field(
        default=2, description="sentences on either side of a gap that are compared"
    )
    min_tokens: NonNegativeInt = Field(
        default=64, description="a smaller chunk is joined to the neighbour it is nearer to"
    )
    max_tokens: int = Field(
        default=480,
        ge=16,
        description="tokens in a chunk at most, counted as those of structure; never more than the encoder reads",
    )

    @model_validator(mode="after")
    def _leaves_room(self) -> Self:
        if self.min_tokens > self.max_tokens // 2:
            raise ValueError(
                f"min_tokens ({self.min_tokens}) must not be larger than half of max_tokens"
                f" ({self.max_tokens})"
            )
        return self


class SemanticChunker:
    """Whole sentences, grouped by subject; a section's beginning is the widest gap there is."""

    Settings = SemanticSettings
    keeps_budget = True

    def __init__(self, settings: SemanticSettings, encoder: Encoder) -> None:
        self._settings = settings
        self._encoder = encoder
        self._frame = Frame(encoder, min(settings.max_tokens, encoder.max_tokens))

    def chunk(self, document: Document) -> list[Chunk]:
        """The chunks in order; each `text` is exactly `document.text[start:end]`, all non-blank text is in one."""
        pieces = [piece for section in sections(document, self._frame) for piece in section]
        if not pieces:
            return []
        paths = {piece.path for piece in pieces}
        room = min(self._frame.room(document.title, path) for path in paths)
        ends = _running(pieces)
        if ends[-1] < 2 * self._settings.min_tokens and ends[-1] <= room:
            return self._frame.chunks(document, [pieces])
        gaps = self._gaps(document.text, pieces)
        groups = _apart(ends, gaps, self._threshold(gaps), room)
        groups = _joined(ends, groups, gaps, (self._settings.min_tokens, room))
        return self._frame.chunks(document, (pieces[first:last] for first, last in groups))

    def indexed_text(self, chunk: Chunk) -> str:
        """Title and heading path, each on a line where the text does not begin with it, then the text."""
        return self._frame.indexed_text(chunk)

    def _gaps(self, text: str, pieces: Sequence[Piece]) -> list[float]:
        """How far apart the sentences before and after each piece are (0 to 2); 0 where no cut may be."""
        import numpy as np

        vectors = self._encoder.embed_passages([text[p.start : p.end] for p in pieces])
        around = self._settings.around
        gaps = [0.0]
        for place in range(1, len(pieces)):
            if pieces[place - 1].heading:
                gaps.append(0.0)
            elif pieces[place].heading:
                gaps.append(_SECTION)
            else:
                before = vectors[max(0, place - around) : place].sum(axis=0)
                after = vectors[place : place + around].sum(axis=0)
                scale = float(np.linalg.norm(before) * np.linalg.norm(after)) or 1.0
                gaps.append(max(0.0, 1.0 - float(before @ after) / scale))
        return gaps

    def _threshold(self, gaps: Sequence[float]) -> float:
        """The gap that so many percent of the gaps within sections do not exceed."""
        import numpy as np

        within = [gap for gap in gaps if 0.0 < gap < _SECTION]
        return float(np.percentile(within, self._settings.percentile)) if within else _SECTION


def _running(pieces: Sequence[Piece]) -> list[int]:
    """Tokens before each piece, and of all at the end."""
    ends = [0]
    for piece in pieces:
        ends.append(ends[-1] + piece.tokens)
    return ends


def _apart(ends: Sequence[int], gaps: Sequence[float], threshold: float, room: int) -> list[Group]:
    """Groups between the gaps over the threshold; one that is too large is cut at its widest inner gap."""
    wide = (place for place, gap in enumerate(gaps) if gap > threshold or gap == _SECTION)
    waiting = list(pairwise([0, *wide, len(gaps)]))[::-1]
    groups: list[Group] = []
    while waiting:
        first, last = waiting.pop()
        if ends[last] - ends[first] <= room or last - first < 2:
            groups.append((first, last))
        else:
            cut = _widest(ends, gaps, first, last)
            waiting += [(cut, last), (first, cut)]
    return groups


def _widest(ends: Sequence[int], gaps: Sequence[float], first: int, last: int) -> int:
    """The widest gap in the middle half of a group, so that its parts are not slivers."""
    quarter = (ends[last] - ends[first]) / 4
    inner = [
        place
        for place in range(first + 1, last)
        if ends[first] + quarter <= ends[place] <= ends[last] - quarter
    ]
    return max(inner or range(first + 1, last), key=lambda place: gaps[place])


def _joined(
    ends: Sequence[int], groups: Sequence[Group], gaps: Sequence[float], sizes: tuple[int, int]
) -> list[Group]:
    """Groups below the least size joined to the nearer neighbour, where both fit together."""
    least, room = sizes
    joined: list[Group] = []
    for place, (first, last) in enumerate(groups):
        following = groups[place + 1] if place + 1 < len(groups) else None
        if joined:
            former = joined[-1]
            small = min(ends[last] - ends[first], ends[former[1]] - ends[former[0]]) < least
            ahead = (
                ends[former[1]] - ends[former[0]] >= least
                and following is not None
                and gaps[last] < gaps[first]
                and ends[following[1]] - ends[first] <= room
            )
            if small and not ahead and ends[last] - ends[former[0]] <= room:
                joined[-1] = (former[0], last)
                continue
        joined.append((first, last))
    return joined
