"""How questions are worded in English and Chinese, and which words cannot stand in a question by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from random import Random
from typing import Final, Literal

from surefoot.core.lang import content_terms
from surefoot.core.types import Lang

Shape = Literal["do", "about", "doing", "differ", "define", "purpose", "follows", "advised", "why"]

_TEMPLATES: Final[Mapping[tuple[str, Shape], Sequence[str]]] = {
    ("en", "do"): ("How do I {x}?", "How can I {x}?", "What is the way to {x}?"),
    ("zh", "do"): ("怎样{x}？", "如何{x}？", "想要{x}，该怎么做？"),
    ("en", "doing"): ("How do I go about {x}?", "What should I know about {x}?"),
    ("zh", "doing"): ("怎样{x}？", "如何{x}？"),
    ("en", "about"): (
        "What should I know about {x}?",
        "Can you explain {x}?",
        "What do the documents say about {x}?",
    ),
    ("zh", "about"): ("关于{x}，需要了解什么？", "请介绍一下{x}。", "{x}是怎么回事？"),
    ("en", "differ"): ("What is the difference between {x} and {y}?", "How do {x} and {y} differ?"),
    ("zh", "differ"): ("{x}和{y}有什么区别？", "{x}与{y}有什么不同？"),
    ("en", "define"): ("What is {x}?", "What is meant by {x}?"),
    ("zh", "define"): ("什么是{x}？", "{x}是什么？"),
    ("en", "purpose"): ("What is {x} for?", "What does {x} do?"),
    ("zh", "purpose"): ("{x}有什么作用？", "{x}是做什么用的？"),
    ("en", "follows"): ("What happens if {x}?", "What happens when {x}?"),
    ("zh", "follows"): ("如果{x}，会怎么样？", "如果{x}，结果会怎样？"),
    ("en", "advised"): ("What can I do if {x}?", "What should I do if {x}?"),
    ("zh", "advised"): ("如果{x}，该怎么做？", "如果{x}，可以怎么办？"),
    ("en", "why"): ("Why is it that {x}?", "For what reason is it said that {x}?"),
    ("zh", "why"): ("为什么{x}？", "为何{x}？"),
}
_CONTEXT: Final[Mapping[str, Sequence[str]]] = {
    "en": ('In "{title}": {question}', 'About "{title}": {question}'),
    "zh": ("在“{title}”里，{question}", "在“{title}”中，{question}"),
}
_POINTS_EN = re.compile(
    r"\b(?:this|these|those|it|its|itself|they|them|their|he|she|his|her|here|there|above|below|same|such|previous"
    r"|next|following|other|others|another|one|ones|example|examples|now|then|again|also|both|former|latter|we|our"
    r"|us|let's|the two|the three|earlier|later|so far|too|else|that's|each|either|first|second|third|last)\b|\.\.\.|…"
    r"|\b(?:do|does|did|like|of|for|with|in|to|from|on|by|at|use|using|has|have|had|make|get|set|call|run|add) that\b"
    r"|\b(?:see) that\b|\bthat(?: (?:way|case|would|will|could|is|means)\b|[,.?]|$)",
    re.IGNORECASE,
)
_POINTS_ZH = re.compile(
    r"[它这那她他其此该]|本[节章页文例]|上[述面文例]|以[上下]|[上下]一?个|本例|下[面列文述]|前[面文述者]|后[面文者]|同[样一理]|另[一外]"
    r"|其他|其它|我们|例如|比如|如下|接下来|现在|刚[才刚]|之前|之后|还有|也|再次|仍|依然|第[一二三四]|两[者种个]|都|…|\.\.\.|每个|某"
)
_ELSEWHERE = re.compile(
    r"\b(?:read|check|see|refer to|visit|look at|learn|study|continue|skip)\b[^.]*"
    r"\b(?:docs|guides?|tutorials?|sections?|chapters?|documentation|next|more|details)\b"
    r"|\b(?:here(?:[’']s| is) how|I[’']ll (?:explain|show))\b|\bthis (?:section|part|page|example|trick)\b"
    r"|\bthis is\b|\bbelow\b|\bthe same (?:error|way|thing|result|problem)|\bin a hurry\b"
    r"|(?:查看|查阅|参考|参阅|阅读|参见|请看|继续|学习|了解)[^。]*(?:文档|章|节|指南|教程|更多|介绍)"
    r"|请(?:查看|查阅|参考|参阅|参见)|(?:将|会)?(?:向[你您])?(?:展示|介绍)如何|下一[章节]|跳过|这部分|本[节章]"
    r"|(?:如下|以下|下面|下方|上面|上述|前面)|[两几]种(?:主要)?方式",
    re.IGNORECASE,
)
_YOU: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), said)
    for pattern, said in (
        (r"\byou(?:['’]re| are)\b", "I am"),
        (r"\byou(?:['’]ve| have)\b", "I have"),
        (r"\byou(?:['’]ll| will)\b", "I will"),
        (r"\byou['’]d\b", "I would"),
        (r"\byou were\b", "I was"),
        (r"\byourself\b", "myself"),
        (r"\byours\b", "mine"),
        (r"\byour\b", "my"),
        (r"(?:^you\b|(?<=\bif )you\b|(?<=\bthat )you\b|(?<=\bwhen )you\b|(?<=\bwhat )you\b|(?<=\bhow )you\b"
         r"|(?<=\band )you\b|(?<=\bor )you\b|(?<=\bwhich )you\b|(?<=\bwhere )you\b|(?<=, )you\b)", "I"),
        (r"\byou\b(?=\s+(?:can|could|want|need|don['’]t|do|use|should|must|may|might|would|just|only|already"
         r"|declare|define|create|receive|return|send|pass|add|set|get|call|run|install|put)\b)", "I"),
        (r"\byou\b", "me"),
    )
)  # fmt: skip


def worded(lang: Lang, shape: Shape, draw: Random, **parts: str) -> str:
    """One of the wordings of a shape, drawn."""
    return draw.choice(_TEMPLATES[lang, shape]).format(**parts)


def in_context(lang: Lang, title: str, question: str, draw: Random) -> str:
    """A question under the title of the document that it is about."""
    if lang == "en" and re.match(r"[A-Z][a-z]*\b", question) and question[1:2] != " ":
        question = question[0].lower() + question[1:]
    return draw.choice(_CONTEXT[lang]).format(title=title, question=question)


def stands_alone(text: str, lang: Lang) -> bool:
    """Whether a text points at nothing outside itself."""
    return not (_POINTS_ZH if lang == "zh" else _POINTS_EN).search(text)


def points_elsewhere(text: str) -> bool:
    """Whether a sentence only says where something is told: see the next section, 请查看文档."""
    return _ELSEWHERE.search(text) is not None


def says_enough(text: str, lang: Lang, least: int = 3) -> bool:
    """Whether a text has so many content words; Chinese counts pairs of characters, so it needs one more."""
    return len(content_terms(text)) >= least + (lang == "zh")


def short_enough(text: str, lang: Lang) -> bool:
    """Whether a person would ask at this length: 24 words, 44 Han characters."""
    return len(text) <= 44 if lang == "zh" else len(text.split()) <= 24 and len(text) <= 180


def as_asker(text: str, lang: Lang) -> str:
    """What a text says to `you`, said by the one who asks: `you` is `I`, `your` is `my`."""
    if lang == "zh":
        return text.replace("您", "你").replace("你", "我")
    for pattern, said in _YOU:
        text = pattern.sub(said, text)
    return text


def trimmed(text: str) -> str:
    """A clause without the signs at its ends; brackets that it opens stay closed."""
    text = text.strip().strip("，。；：、,;:!！?？").strip()
    return text.removesuffix(".") if not text.endswith("...") else text
