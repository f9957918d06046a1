"""How text is read off scans, pictures and recordings."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveInt

from surefoot.config.base import Added, Incidental, ModelName, Settings


class Media(Settings):
    """Text recognition for scans and pictures, speech recognition for recordings; both need `surefoot[media]`."""

    ocr: Annotated[Literal["auto", "never", "always"], Added()] = Field(
        default="auto",
        description="auto = pictures, and pages without a sound text layer; always = every page of a PDF",
    )
    confidence: Annotated[NonNegativeFloat, Added()] = Field(
        default=0.5, le=1, description="lines recognised with less (0 to 1) are left out"
    )
    dots_per_inch: Annotated[PositiveInt, Added()] = Field(
        default=144, ge=72, le=600, description="how finely a page is drawn to be recognised"
    )
    speech: Annotated[bool, Added()] = Field(
        default=True, description="transcribe sound, that of films too"
    )
    speech_model: Annotated[ModelName, Added()] = Field(
        default="",
        description="alias of the catalog or a CTranslate2 folder; empty = the catalog's default",
    )
    language: Annotated[str, Added()] = Field(
        default="",
        pattern="^([a-z]{2,3})?$",
        description="language spoken, such as en or zh; empty = told by its first half minute",
    )
    only_voice: Annotated[bool, Added()] = Field(
        default=False, description="leave out stretches in which nobody speaks before transcribing"
    )
    max_file_mb: Annotated[PositiveInt, Incidental()] = Field(
        default=1024, description="size of a recording, in megabytes"
    )
    memory_mb: Annotated[PositiveInt, Incidental()] = Field(
        default=2048, description="memory of the process that recognises, beside its models"
    )
    page_seconds: Annotated[PositiveInt, Incidental()] = Field(
        default=60, description="processor time for a page or picture"
    )
    minute_seconds: Annotated[PositiveInt, Incidental()] = Field(
        default=120, description="processor time for a minute of sound"
    )
