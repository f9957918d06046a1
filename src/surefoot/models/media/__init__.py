"""Text recognition of pictures and speech recognition of recordings, on this machine alone."""

from surefoot.models.media.ocr import Box, Line, Ocr, turned_back
from surefoot.models.media.speech import Said, Speech

__all__ = ["Box", "Line", "Ocr", "Said", "Speech", "turned_back"]
