"""Asks what something is, or is for; the sentence or list item that says so answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random
from typing import Final

from surefoot.core.lang import content_terms, detect, fold, is_han
from surefoot.core.types import Lang
from surefoot.evaluate.generate.headings import is_action
from surefoot.evaluate.generate.offers import Library, Offer
from surefoot.evaluate.generate.pages import Page, Sentence
from surefoot.evaluate.generate.wording import in_context, stands_alone, trimmed, worded
from surefoot.evaluate.generate.words import word_list

_IS = re.compile(
    r"(?P<term>[^\n.?!;:,]{2,60}?)\s(?:is|are)\s"
    r"(?=(?:an?|the|one of|any|defined as|known as|used (?:to|for|by)|responsible for|designed (?:to|for))\s)"
)
_HAN_IS = re.compile(
    r"(?:所谓)?(?P<term>[^，。；：！？、\s“”\"（）()]{2,16}?|[A-Za-z_][\w.]{1,30}(?: [A-Za-z][\w.]*){0,3})\s*"
    r"(?:，?是指|指的是|，?是(?=一[种个类款项套门]|用[来于]|指|.{0,12}的[^，。]{1,8}[。，]))"
)
_LISTED = re.compile(
    r"(?P<term>[^\s:：,，。;；()（）][^:：,，。;；()（）]{0,39}?)(?:\s+[-–—]\s+|[:：]\s+|：|——)(?=\S)"
)
_QUOTES = re.compile(r"[\"'“”‘’「」『』]")
_NO_ANSWER = re.compile(
    r"(?:because|so|but|this|these|it|here|some|and|or|for|the same|\w+ = |as|if|when|you|we|in|that)\b"
    r"|(?:这|那|它|其|此|该|因为|但|并|例如|比如|可以|这里|也|和|同|你|在|以下|，|（|\()",
    re.IGNORECASE,
)
_THE = re.compile(r"^(?:The|An?)\s+")
_NO_TERM = re.compile(
    r"^(?:the (?:most|only|whole|least|best)|there|what|who|how|why|when|where|which|if|in|on|at|by|for|from|with|as|to"
    r"|and|or|but|so|\w+ing|since|during|after|before|until|although|because|while|some"
    r"|many|most|all|any|no|not|you|your|my|i|using|having|doing|being|\w+ly|default|note|tip|e\.g|i\.e)\b",
    re.IGNORECASE,
)
_VERBS_INSIDE = re.compile(
    r"\b(?:is|are|was|were|be|been|can|could|will|would|should|must|have|has|had|do|does|did|that|which|who|means)\b",
    re.IGNORECASE,
)
_VAGUE_ZH = re.compile(
    r"(?:示例|方式|方法|东西|例子|情况|部分|原因|问题|结果|目的|好处|优点|区别|一点|重点|关键|做法|选择|步骤|目标|差别|时候|地方"
    r"|办法|缺点|意思|默认值?|内容|名称|名字)$"
    r"|^(?:可以|如果|因为|由于|为了|但|而|若|当|只|就|不|最|有|在|从|对|用|让|把|将|会|能|要|请|所以|因此|然后|通常|一般|默认|即|并|或)"
)
_CIRCULAR: Final = 80
_LETTER = re.compile(r"[^\W\d_]")
_CODE = re.compile(r"[\w.()-]+")
_NO_NOUN = ("d", "r", "m", "p", "c", "v", "u", "f", "y")
_LEAST_ANSWER: Final = {"en": 25, "zh": 10}


def definitions(page: Page, library: Library, draw: Random) -> Iterator[Offer]:
    """One question for each thing that a sentence or a list item says what it is; things said twice are left out."""
    seen: set[str] = set()
    for section in page.sections:
        for sentence in section.sentences:
            found = _defined(sentence, page.lang)
            if found is None:
                continue
            term, answer, shape = found
            key = fold(term)
            if key in seen or not library.telling(term) or not _is_term(term, page.lang):
                continue
            seen.add(key)
            question = worded(
                page.lang,
                "purpose" if shape == "purpose" and _is_code(term) else "define",
                draw,
                x=_as_said(term, page.lang, library),
            )
            if _needs_title(term, page.title):
                question = in_context(page.lang, page.title, question, draw)
            yield Offer(
                question,
                page.lang,
                page.document.id,
                "definition",
                sentence.start,
                sentence.end,
                about=term,
                answers=(answer,),
            )


def _defined(sentence: Sentence, lang: Lang) -> tuple[str, str, str] | None:
    """The term, what is said of it, and how to ask."""
    text = sentence.text
    if len(text) > 600 or (lang == "zh" and detect(text) not in (lang, "other")):
        return None
    if sentence.item and sentence.place == 0 and (match := _LISTED.match(text)):
        answer = text[match.end() :].strip()
        shape = "purpose"
    elif match := (_HAN_IS if lang == "zh" else _IS).match(text):
        answer = text[match.end() :].strip()
        shape = "purpose" if answer.startswith(("used ", "responsible ", "designed ")) else "define"
    else:
        return None
    if len(answer) < _LEAST_ANSWER.get(lang, 25):
        return None
    term = _QUOTES.sub("", match["term"]).strip(" *")
    if term.casefold() in answer.casefold() and len(answer) < _CIRCULAR:
        return None
    if not term or _NO_ANSWER.match(answer) or answer.endswith((":", "：")):
        return None
    if shape == "purpose" and sentence.item and is_action(answer.split()[0]):
        return None
    return _THE.sub(lambda m: m.group().lower(), term), answer, shape


def _needs_title(term: str, title: str) -> bool:
    """Whether a term is one plain word, such as `title`, which many things have."""
    return bool(title) and term.isalpha() and term.islower() and term not in title.lower()


def _as_said(term: str, lang: Lang, library: Library) -> str:
    """A term of several words as it reads inside a sentence; one word alone is written as it was."""
    return library.running(term, lang) if " " in term else term


def _is_code(term: str) -> bool:
    """Whether a term looks like an identifier: one word with a capital, underscore, dot or digit inside."""
    return _CODE.fullmatch(term) is not None


def _is_noun(term: str) -> bool:
    """Whether a Chinese term ends in a noun and has no adverb, pronoun or verb before it."""
    import rjieba

    tags = [tag for _, tag in rjieba.tag(term, hmm=True)]
    return tags[-1].startswith(("n", "vn", "eng", "l", "i", "j")) and not any(
        tag.startswith(_NO_NOUN) for tag in tags if tag != "vn"
    )


def _is_term(term: str, lang: Lang) -> bool:
    """Whether it names one thing by itself."""
    if not content_terms(term) or not stands_alone(term, lang):
        return False
    words = term.split()
    if "=" in term or not _LETTER.search(term):
        return False
    if is_action(words[0]) and len(term) > len(words[0]):
        return False
    if any(map(is_han, term)):
        fits = lang == "zh" and 2 <= len(term) <= 16 and not _VAGUE_ZH.search(term)
        return fits and _is_noun(term)
    if _NO_TERM.match(term) or _VERBS_INSIDE.search(term) or len(words) > 6:
        return False
    plain = [word.lower() for word in words if word.lower() not in ("a", "an", "the")]
    return (
        bool(plain)
        and not set(plain[:1] + plain[-1:]) & word_list("vague-en")
        and trimmed(term) == term
    )
