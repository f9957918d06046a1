"""What is said in a recording and when, by Whisper on CTranslate2: weights from a folder, no network."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from surefoot.core.errors import DataError, MissingExtra
from surefoot.core.lang.han import simplified
from surefoot.models.media.sound import RATE, blocks

_SILENT = 0.6
_UNLIKELY = -1.0
_DEVICE = {"device": "cpu", "compute_type": "int8", "local_files_only": True}


@dataclass(frozen=True, slots=True)
class Said:
    """A stretch of speech; `start` and `end` are seconds, `confidence` is the mean probability of its tokens."""

    text: str
    start: float
    end: float
    language: str
    confidence: float


class Speech:
    """Opens the weights once; one recording at a time.

    Raises:
        MissingExtra: faster-whisper is not installed.
        DataError: the folder holds no such weights.
    """

    def __init__(self, folder: Path, threads: int = 1) -> None:
        os.environ["HF_HUB_OFFLINE"] = "1"
        try:
            from faster_whisper import WhisperModel
        except ImportError:
            raise MissingExtra("faster-whisper", extra="media", why="transcribing") from None
        try:
            self._model: Any = WhisperModel(str(folder), cpu_threads=threads, **_DEVICE)
        except (RuntimeError, ValueError) as problem:
            raise DataError(
                f"holds no Whisper weights for CTranslate2: {problem}",
                where=str(folder),
                hint="name a folder with model.bin, config.json, tokenizer.json and vocabulary.txt",
            ) from None

    def said(
        self, path: Path, *, language: str = "", only_voice: bool = False
    ) -> Iterator[Said | float]:
        """What is said, in order; between, as plain numbers, up to which second the recording is done.

        Raises:
            DataError: it holds no sound, or is damaged.
        """
        for began, samples in blocks(path):
            segments, about = self._model.transcribe(
                samples,
                language=language or None,
                vad_filter=only_voice,
                condition_on_previous_text=False,
                word_timestamps=True,
                beam_size=5,
            )
            spoken = str(about.language)
            for segment in segments:
                made = _said(segment, began, spoken)
                if made is not None:
                    yield made
                yield began + float(segment.end)
            language = language or (spoken if about.language_probability > 0.5 else "")
            yield began + len(samples) / RATE


def _said(segment: Any, began: float, language: str) -> Said | None:
    """Nothing where the model heard silence: it then makes words up."""
    text = segment.text.strip()
    if not text or (segment.no_speech_prob > _SILENT and segment.avg_logprob < _UNLIKELY):
        return None
    if language == "zh":
        text = simplified(text)
    words = segment.words or ()
    start = float(words[0].start) if words else float(segment.start)
    end = float(words[-1].end) if words else float(segment.end)
    sure = sum(float(word.probability) for word in words) / len(words) if words else 0.0
    return Said(text, round(began + start, 2), round(began + max(start, end), 2), language, sure)
