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
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_RARE = re.compile("[\u0180-\u02af\u0460-\u052f\u0700-\u07ff]")
_SHORT_BYTES = 64
_CANDIDATES = ("gb18030", "cp932", "big5hkscs", "euc_jp", "cp949", "cp1252", "cp1251", "koi8-r")
# Files without Unicode are in these encodings more often than in the others.
_OFTEN = {"gb18030": 0.15, "cp932": 0.1, "cp949": 0.1, "cp1252": 0.1}
# Lead bytes of the first level of each standard, and how much a character inside and outside of it counts.
_FIRST_LEVEL = {
    "gb18030": (0xB0, 0xD7, 0.7, 0.35),
    "big5hkscs": (0xA4, 0xC6, 0.68, 0.2),
    "cp949": (0xB0, 0xC8, 0.65, 0.2),
    "cp932": (0xB0, 0xCF, 0.9, 0.3),
    "euc_jp": (0xB0, 0xCF, 0.68, 0.3),
}
# The characters that make up most of any Chinese text, and the syllables of any Korean one.
_COMMON_HAN = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种"
    "事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与长把机十民第"
    "公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合"
    "回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总"
    "何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听"
    "這個們來為國說時會對後發裡種經麼學還進樣開現實與長機關點業間問戰頭體見兩華東號員話氣書數產務認質過從當無動電應該車"
    "聯網請請假資訊將總給區計議識權術報導變選讓場處規則費約單項額頁費檔案條標題統線設備級組織辦應頭證據測試語題簡繁臺灣"
    "白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边张该交规万取格望术领共确传师观清今切院让识候带导争运"
)
_COMMON_HANGUL = frozenset(
    "이다는을의에가고하지를은도한로기사어들으리그나서일아자시인정대스부장해수여있었것전주성보상안요제습니세국원과내"
)


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
    wide = _wide(sample) if _CONTROL.search(sample) else None
    if wide:
        return wide
    if _decodes(sample, "utf-8", whole) and not _is_rare(sample):
        return "utf-8" if b"\x1b" not in sample else _escaped(sample)
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


def _is_rare(sample: bytes) -> bool:
    """Whether valid UTF-8 holds only letters that hardly any text has: a few Chinese words in GB look like that."""
    foreign = [char for char in sample.decode("utf-8", "ignore") if char >= "\x80"]
    return bool(foreign) and len(foreign) < 8 and all(_RARE.match(char) for char in foreign)


def _wide(sample: bytes) -> str | None:
    """UTF-16 without a mark: NUL bytes on one side only, or control bytes that turn into common ideographs."""
    if len(sample) % 2 and len(sample) < _SAMPLE_BYTES:
        return None
    scores = {}
    for name, high, low in (
        ("utf-16-le", sample[1::2], sample[0::2]),
        ("utf-16-be", sample[0::2], sample[1::2]),
    ):
        try:
            text = codecs.getincrementaldecoder(name)().decode(sample)
        except UnicodeDecodeError:
            continue
        readable = sum(char.isprintable() or char.isspace() for char in text) / max(1, len(text))
        if readable > 0.95 and (
            0 in high or max(plausibility(text, name) for name in ("gb18030", "cp932")) > _PLAUSIBLE
        ):
            scores[name] = readable + (high.count(0) - low.count(0)) / len(text)
    return max(scores, key=lambda name: scores[name]) if scores else None


def _most_plausible(sample: bytes, whole: bool) -> str:
    scores = {}
    for name in _CANDIDATES:
        if _decodes(sample, name, whole):
            text = codecs.getincrementaldecoder(name)(errors="replace").decode(sample)
            scores[name] = plausibility(text, name) + _OFTEN.get(name, 0.0)
    best = max(scores, key=lambda name: scores[name], default="cp1252")
    if scores.get(best, 0.0) >= (_PLAUSIBLE if len(sample) > _SHORT_BYTES else _PLAUSIBLE / 2):
        return best
    return _by_statistics(sample) or best


def _by_statistics(sample: bytes) -> str | None:
    from charset_normalizer import from_bytes

    match = from_bytes(sample).best()
    return _known(match.encoding) if match is not None else None


def plausibility(text: str, encoding: str) -> float:
    """How common the non-ASCII characters are in texts of that encoding: 0 (never seen together) to 1."""
    weigh = {"cp1252": _weigh_western, "cp1251": _weigh_cyrillic, "koi8-r": _weigh_cyrillic}.get(
        encoding, _weigh_eastern
    )
    weights = [weigh(text, place, encoding) for place, char in enumerate(text) if char >= "\x80"]
    return sum(weights) / len(weights) if weights else 0.0


def _weigh_eastern(text: str, place: int, encoding: str) -> float:
    char = text[place]
    weight = 1.0 if char in _CJK_MARKS else _rank(char, encoding)
    before = text[place - 1] if place else ""
    after = text[place + 1] if place + 1 < len(text) else ""
    if before >= "\x80" or after >= "\x80":
        return weight
    # One ideograph inside a Latin word is an accented letter that swallowed its neighbour.
    inside = before.isalpha() or (after.isalpha() and char not in _CJK_MARKS)
    return weight * (0.3 if inside else 0.8)


@lru_cache(maxsize=16384)
def _rank(char: str, encoding: str) -> float:
    if "\u3041" <= char <= "\u30fe":
        return 1.0 if encoding in ("cp932", "euc_jp") else 0.2
    if "\uff61" <= char <= "\uff9f" or not char.isprintable() or "\ue000" <= char <= "\uf8ff":
        return 0.05
    if "\uff01" <= char <= "\uff5e" or (encoding == "gb18030" and "\u2460" <= char <= "\u249b"):
        return 0.9
    if char in (_COMMON_HANGUL if encoding == "cp949" else _COMMON_HAN):
        return 1.0
    try:
        code = char.encode({"cp932": "euc_jp", "cp949": "euc_kr"}.get(encoding, encoding))
    except UnicodeEncodeError:
        return 0.1
    return _level(code[0], code[1], encoding) if len(code) == 2 else 0.1


def _level(lead: int, trail: int, encoding: str) -> float:
    """The first level of each national standard holds the characters that make up nearly all text."""
    if trail < 0xA1 and encoding != "big5hkscs":
        return 0.25
    if encoding == "gb18030" and 0xA1 <= lead <= 0xA9:
        return 0.7  # signs, Greek and Cyrillic letters, frames
    first, last, common, rare = _FIRST_LEVEL[encoding]
    return common if first <= lead <= last else rare


def _weigh_western(text: str, place: int, _: str) -> float:
    char = text[place]
    if not char.isprintable() and char != "\xa0":
        return 0.0
    neighbours = text[max(0, place - 1) : place] + text[place + 1 : place + 2]
    if not char.isalpha():
        return 0.85 if all(other < "\x80" for other in neighbours) else 0.3
    word = _word_around(text, place)
    foreign = sum(letter >= "\x80" for letter in word)
    return 0.9 if foreign * 2 <= len(word) + 1 else 0.15


def _weigh_cyrillic(text: str, place: int, _: str) -> float:
    char = text[place]
    if not "\u0401" <= char <= "\u0451":
        return 0.3
    word = _word_around(text, place)
    if any(letter < "\x80" for letter in word):
        return 0.05
    return 0.92 if word[1:] == word[1:].lower() and len(word) > 2 else 0.3


def _word_around(text: str, place: int) -> str:
    start = max(0, place - 12)
    found = (m for m in _WORD.finditer(text[start : place + 13]) if m.end() > place - start)
    match = next(found, None)
    return match.group() if match else text[place]
