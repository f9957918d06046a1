"""Finds the encoding of bytes and decodes them: UTF-8 and UTF-16 by proof, others by how plausible the text is.

Short Chinese and Japanese texts are told apart by which characters are common, because byte statistics
need more text than a line gives.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

_SAMPLE_BYTES = 64 * 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAME = {
    "gb2312": "gb18030", "gbk": "gb18030", "cp936": "gb18030", "hz": "hz", "big5": "big5hkscs",
    "shift_jis": "cp932", "iso8859-1": "cp1252", "latin-1": "cp1252", "ascii": "utf-8",
    "us-ascii": "utf-8", "euc_kr": "cp949",
}  # fmt: skip
_PLAUSIBLE = 0.55
_CJK_MARKS = frozenset("，。、：；！？（）《》〈〉「」『』【】“”‘’…—·　～")
_WORD = re.compile(r"[^\W\d_]+")


def decode(data: bytes, declared: str | None = None) -> str:
    """The text of the bytes with `\\n` line ends; what cannot be decoded becomes U+FFFD."""
    return decode_blocks(
        [data], find_encoding(data[:_SAMPLE_BYTES], declared, len(data) <= _SAMPLE_BYTES)
    )


def decode_blocks(blocks: Iterable[bytes], encoding: str) -> str:
    """Decodes block by block, so that no second copy of the whole is held while it grows."""
    return "".join(_pieces(blocks, encoding))


def find_encoding(sample: bytes, declared: str | None = None, whole: bool = True) -> str:
    """The Python codec for these bytes; `whole` is False when more bytes follow the sample.

    A byte order mark or valid UTF-8 counts for more than what the file declares.
    """
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return name
    if _decodes(sample, "utf-8", whole):
        return "utf-8" if b"\x1b" not in sample else _escaped(sample)
    wide = _wide(sample)
    if wide:
        return wide
    named = _known(declared) if declared else None
    if named and _decodes(sample, named, whole):
        return named
    return _most_plausible(sample, whole)


def _pieces(blocks: Iterable[bytes], encoding: str) -> Iterator[str]:
    decoder = io.IncrementalNewlineDecoder(
        codecs.getincrementaldecoder(encoding)(errors="replace"), translate=True
    )
    for block in blocks:
        yield decoder.decode(block)
    yield decoder.decode(b"", final=True)


def _known(declared: str) -> str | None:
    name = declared.strip().strip("\"'").lower()
    try:
        info = codecs.lookup(_SAME.get(name, name))
    except (LookupError, ValueError):
        return None
    # Codecs such as base64 or rot13 are not text encodings.
    return _SAME.get(info.name, info.name) if getattr(info, "_is_text_encoding", True) else None


def _decodes(sample: bytes, encoding: str, whole: bool) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)(errors="strict").decode(sample, final=whole)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _escaped(sample: bytes) -> str:
    return (
        "iso2022_jp"
        if re.search(rb"\x1b\$[@B]", sample) and _decodes(sample, "iso2022_jp", False)
        else "utf-8"
    )


def _wide(sample: bytes) -> str | None:
    """UTF-16 without a mark: NUL or a repeated high byte on one side only, which no 8-bit text has."""
    even, odd = sample[0::2], sample[1::2]
    if len(sample) < 4 or (len(sample) % 2 and len(sample) < _SAMPLE_BYTES):
        return None
    scores = {}
    for name, high in (("utf-16-le", odd), ("utf-16-be", even)):
        try:
            text = codecs.getincrementaldecoder(name)().decode(sample)
        except UnicodeDecodeError:
            continue
        zeros = high.count(0) / len(high)
        han = sum("\u4e00" <= char <= "\u9fff" for char in text) / max(1, len(text))
        ascii_line = any(char in text for char in "\n ,.1")
        if zeros > 0.3 or (b"\0" in high and han > 0.5) or (ascii_line and zeros > 0 and han > 0.3):
            scores[name] = zeros + han
    return max(scores, key=lambda name: scores[name]) if scores else None


def _most_plausible(sample: bytes, whole: bool) -> str:
    scores = {}
    for name in ("gb18030", "cp932", "big5hkscs", "euc_jp", "cp949", "cp1252"):
        if _decodes(sample, name, whole):
            text = codecs.getincrementaldecoder(name)(errors="replace").decode(sample)
            scores[name] = plausibility(text, name)
    best = max(scores, key=lambda name: scores[name], default="cp1252")
    if scores.get(best, 0.0) >= _PLAUSIBLE:
        return best
    return _by_statistics(sample) or (best if scores else "cp1252")


def _by_statistics(sample: bytes) -> str | None:
    from charset_normalizer import from_bytes

    match = from_bytes(sample).best()
    return _known(match.encoding) if match is not None else None


def plausibility(text: str, encoding: str) -> float:
    """How common the non-ASCII characters are in texts of that encoding: 0 (never seen together) to 1."""
    total, weight = 0, 0.0
    for place, char in enumerate(text):
        if char >= "\x80":
            total += 1
            weight += (
                _weigh_western(text, place)
                if encoding == "cp1252"
                else _weigh_eastern(text, place, encoding)
            )
    return weight / total if total else 0.0


def _weigh_eastern(text: str, place: int, encoding: str) -> float:
    char = text[place]
    weight = 1.0 if char in _CJK_MARKS else _rank(char, encoding)
    before = text[place - 1] if place else ""
    after = text[place + 1] if place + 1 < len(text) else ""
    # One ideograph inside a Latin word is an accented letter that swallowed its neighbour.
    alone = not (before >= "\x80" or after >= "\x80")
    if alone and (before.isalpha() or (after.isalpha() and char not in _CJK_MARKS)):
        return weight * 0.3
    return weight


@lru_cache(maxsize=16384)
def _rank(char: str, encoding: str) -> float:
    if "\u3041" <= char <= "\u30fe":
        return 1.0 if encoding in ("cp932", "euc_jp") else 0.2
    if "\uff61" <= char <= "\uff9f" or not char.isprintable() or "\ue000" <= char <= "\uf8ff":
        return 0.05
    if "\uff01" <= char <= "\uff5e":
        return 0.9
    try:
        code = char.encode({"cp932": "euc_jp", "cp949": "euc_kr"}.get(encoding, encoding))
    except UnicodeEncodeError:
        return 0.1
    if len(code) != 2:
        return 0.1
    return _level(code[0], code[1], encoding)


def _level(lead: int, trail: int, encoding: str) -> float:
    """The first level of each national standard holds the characters that make up nearly all text."""
    if encoding == "gb18030":
        if trail < 0xA1 or lead < 0xA1:
            return 0.25
        return 1.0 if 0xB0 <= lead <= 0xD7 else 0.35
    if encoding == "big5hkscs":
        return 0.95 if 0xA4 <= lead <= 0xC6 else 0.25
    if encoding == "cp949":
        return 0.95 if 0xB0 <= lead <= 0xC8 and trail >= 0xA1 else 0.2
    shift = 0.95 if encoding == "cp932" else 0.9
    return shift if 0xB0 <= lead <= 0xCF else 0.3


def _weigh_western(text: str, place: int) -> float:
    char = text[place]
    if not char.isprintable() and char != "\xa0":
        return 0.0
    neighbours = text[max(0, place - 1) : place] + text[place + 1 : place + 2]
    if not char.isalpha():
        return 0.85 if all(other < "\x80" for other in neighbours) else 0.3
    start = max(0, place - 12)
    word = next(
        m.group() for m in _WORD.finditer(text[start : place + 13]) if m.end() > place - start
    )
    foreign = sum(letter >= "\x80" for letter in word)
    return (
        0.9
        if foreign * 2 <= len(word) or word in ("À", "à", "É", "é", "È", "Ö", "ö", "ò")
        else 0.15
    )
