"""Takes out characters that nobody sees but a model reads: controls, zero-width marks, tags, bidi overrides.

What writing needs stays: joiners between emoji and in Indic and Arabic scripts, variation selectors
after what they vary, tag sequences of flags, tabs and line ends, the ideographic space.
"""

from __future__ import annotations

import re

_JOINS = "\u0600-\u06ff\u0700-\u074f\u0750-\u077f\u0900-\u0dff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u1800-\u18af"
_EMOJI = (
    "\u00a9\u00ae\u203c-\u3299\u200d\ufe0f\U0001f000-\U0001fbff"
    "\U0001f3fb-\U0001f3ff\u0023\u002a\u0030-\u0039\u20e3"
)
_VARIED = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\u1800-\u18af\u2200-\u22ff"

_FLAG = "\U0001f3f4[\U000e0030-\U000e007a]{2,7}\U000e007f"
_GONE = (
    r"\x00-\x08\x0c\x0e-\x1f\x7f-\x9f\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff"
    r"\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_ENDS, _SPACES = r"\r\v\u0085\u2028\u2029", r"\u00a0\u1680\u2000-\u200a\u202f\u205f"

# One class finds the places, in one fast pass; what is done there is looked at closely.
_PLACE = re.compile(rf"[{_GONE}{_ENDS}{_SPACES}\u00ad\ud800-\udfff\U0001f3f4]")
_CLOSE = re.compile(
    rf"(?P<keep>{_FLAG}|\U0001f3f4"
    rf"|(?<=[{_EMOJI}])\u200d(?=[{_EMOJI}])"
    rf"|(?<=[{_JOINS}])[\u200c\u200d](?=[{_JOINS}])"
    rf"|(?<=[{_EMOJI}])[\ufe0e\ufe0f]"
    rf"|(?<=[{_VARIED}])[\ufe00-\ufe0d\U000e0100-\U000e01ef])"
    rf"|(?P<end>\r\n|[{_ENDS}])"
    rf"|(?P<space>[{_SPACES}])"
    r"|(?P<torn>[\ud800-\udfff])"
    r"|\u00ad\n?|."
)
_BECOMES: dict[str | None, str] = {"end": "\n", "space": " ", "torn": "\ufffd"}


def strip_invisible(text: str) -> tuple[str, int]:
    """The text without them, and how many there were; other line ends become LF, other spaces a space.

    Lone halves of surrogate pairs, which no file can hold, become U+FFFD.
    """
    parts: list[str] = []
    removed = done = passed = 0
    for place in _PLACE.finditer(text):
        start = place.start()
        close = _CLOSE.match(text, start) if start >= passed else None
        if close is None:
            continue
        passed = close.end()
        if close.lastgroup != "keep":
            parts += (text[done:start], _BECOMES.get(close.lastgroup, ""))
            removed += close.lastgroup is None
            done = passed
    return ("".join((*parts, text[done:])), removed) if parts else (text, 0)
