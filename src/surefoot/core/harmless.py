"""Makes a text from outside unable to speak for anyone else in what a model is told."""

from __future__ import annotations

import re

# Signs that models take for the frame of a conversation, whatever the model.
_RESERVED = re.compile(
    r"<\|[^|<>\n]{1,40}\|>|<\|?/?(?:s|bos|eos|system|assistant|user|think|tool_call|start_of_turn|end_of_turn)\|?>"
    r"|\[/?INST\]|<</?SYS>>|<｜[^｜\n]{1,40}｜>",
    re.IGNORECASE,
)
_INVISIBLE = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)

_IMAGE = re.compile(r"!(?=\[(?!\d{1,3}\](?!\s?\()))")  # "Done![1]" is a sentence with its mark
_TAG = re.compile(
    r"<(?=!--|/?(?:img|image|i?frame|script|object|embed|link|video|audio|source|track|picture|style|base|form|input"
    r"|svg|math|meta|body|html)\b)",
    re.IGNORECASE,
)
_DEFINITION = re.compile(r"^( {0,3}\[[^\]\n]{1,200}\]):", re.MULTILINE)


def harmless(text: str) -> str:
    """The text without invisible characters, with signs that frame a conversation broken by a space."""
    visible = _INVISIBLE.sub("", text)
    return _RESERVED.sub(lambda match: f"{match.group()[0]} {match.group()[1:]}", visible)


def unloaded(text: str) -> str:
    """The text with nothing that a page would load by itself: images, frames, scripts, link definitions.

    Each sign is put in the place of another one, so that every place in the text stays where it is.
    """
    text = _IMAGE.sub("\uff01", text)
    text = _TAG.sub("\u2039", text)
    return _DEFINITION.sub("\\1\uff1a", text)
