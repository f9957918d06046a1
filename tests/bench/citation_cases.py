"""Makes the cases of the citation check from the public data sets: sentences that a passage supports, and each spoilt.

Nothing here asks the check itself what a number or a name is: spans come from gold answers, titles and shapes.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from surefoot.core.lang import content_terms, sentence_spans


@dataclass(frozen=True)
class Passage:
    id: str
    cluster: str
    text: str
    lang: str
    questions: tuple[tuple[str, str], ...] = ()
    answers: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """The text under its title, as a reader of the citation sees it."""
        title = "" if self.cluster == self.id else self.cluster.replace("_", " ") + "\n"
        return title + self.text


@dataclass(frozen=True)
class Case:
    """A sentence with the passage that supports it and one that does not."""

    sentence: str
    source: str
    other: str
    how: str
    lang: str


@dataclass
class Names:
    """Names of each shape with the cluster they come from, to be put in the place of one another."""

    pools: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def add(self, name: str, cluster: str) -> None:
        self.pools.setdefault(shape(name), []).append((name, cluster))


def shape(name: str) -> str:
    if re.search(r"[A-Za-z]", name):
        return f"latin{min(3, len(name.split()))}"
    return "dotted" if "·" in name else f"han{min(6, max(2, len(name)))}"


# ── reading ─────────────────────────────────────────────────────────────────────────────────────


def _rows(path: Path) -> Iterator[dict]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def passages(data: Path, name: str, lang: str) -> list[Passage]:
    folder = data / name
    questions = {row["_id"]: row["text"] for row in _rows(folder / "queries.jsonl")}
    answers = {}
    if (folder / "answers.jsonl").exists():
        answers = {row["_id"]: row["answers"] for row in _rows(folder / "answers.jsonl")}
    asked: dict[str, list[tuple[str, str]]] = {}
    for line in (folder / "qrels/test.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        if int(grade) > 0 and answers.get(query):
            asked.setdefault(document, []).append((questions[query], answers[query][0]))
    long_form = name == "clapnq-a"
    return [
        Passage(
            row["_id"],
            row["title"] or row["_id"],
            _untokenise(row["text"]) if long_form else row["text"],
            lang,
            () if long_form else tuple(asked.get(row["_id"], ())),
            tuple(_untokenise(answer) for _, answer in asked.get(row["_id"], ()))
            if long_form
            else (),
        )
        for row in _rows(folder / "corpus.jsonl")
    ]


def _untokenise(text: str) -> str:
    """Undoes the spaces that a tokeniser put before punctuation."""
    text = text.replace("`` ", "“").replace(" ''", "”").replace(" - ", "-").replace("( ", "(")
    return re.sub(r"\s+([,.;:!?)%]|'s\b|n't\b)", r"\1", text)


def half(cluster: str) -> str:
    """`dev` or `report`: which half of the documents a cluster belongs to."""
    return "dev" if hashlib.sha256(cluster.encode()).digest()[0] % 2 else "report"


def english_names(found: Sequence[Passage]) -> Names:
    names = Names()
    for passage in found:
        names.add(passage.cluster.replace("_", " "), passage.cluster)
        for _, answer in passage.questions:
            if re.fullmatch(r"(?:[A-Z][^\W\d_]+ ?){1,4}", answer):
                names.add(answer, passage.cluster)
    return names


_ASKS_NAME = re.compile(
    "谁|哪[个座国家所位](?:国家|城市|公司|大学|州|省|人|球队|演员|作家)?|哪里|什么(?:公司|国家|城市|人)"
)


def chinese_names(data: Path, found: Sequence[Passage]) -> Names:
    """Chinese answers to questions for a name.

    Where there is an English twin it decides: every word of it is written with a capital, and never
    without one in the English passages. Else the answer stands in no second document: names are
    particular, titles and roles are not.
    """
    small = {
        word
        for row in _rows(data / "xquad-en/corpus.jsonl")
        for word in re.findall(r"\b[a-z]+\b", row["text"])
    }
    english = {row["_id"]: row["answers"][0] for row in _rows(data / "xquad-en/answers.jsonl")}
    twins: dict[str, bool] = {}
    for row in _rows(data / "xquad-zh/answers.jsonl"):
        words = english[row["_id"]].split()
        twins[row["answers"][0].strip()] = all(
            word[0].isupper() and word.isalpha() and word.lower() not in small for word in words
        )
    names = Names()
    for passage in found:
        for question, answer in passage.questions:
            answer = answer.strip()
            if not _ASKS_NAME.search(question) or not 2 <= len(answer) <= 12:
                continue
            if re.search(r"[，。、\d的]", answer):
                continue
            rare = sum(answer in other.text for other in found) == 1
            if twins.get(answer, rare):
                names.add(answer, passage.cluster)
    return names


# ── supported sentences ─────────────────────────────────────────────────────────────────────────

_SYNONYMS = {
    "en": {
        "began": "started", "large": "big", "many": "numerous", "however": "nevertheless", "also": "additionally",
        "because": "since", "often": "frequently", "became": "turned into", "important": "significant",
        "used": "employed", "built": "constructed", "located": "situated", "famous": "well known",
        "approximately": "about", "during": "in the course of", "main": "principal", "first": "1st",
        "percent": "%", "help": "assist", "show": "demonstrate", "several": "a number of", "said": "stated",
    },
    "zh": {
        "但是": "不过", "由于": "因为", "开始": "着手", "许多": "很多", "目前": "现在", "位于": "坐落于",
        "成为": "变成", "使用": "采用", "重要": "关键", "建立": "创建", "以及": "和", "认为": "觉得", "著名": "知名",
        "研究": "探讨", "通过": "经由", "提高": "提升", "主要": "最主要", "得到": "获得", "包括": "包含",
        "同时": "与此同时",
    },
}  # fmt: skip


def verbatim(sentence: str, passage: Passage, draw: random.Random) -> str:
    return sentence


def clause(sentence: str, passage: Passage, draw: random.Random) -> str | None:
    mark = "，" if passage.lang == "zh" else ", "
    parts = (
        re.split(r"(?<!\d)[，,]|[，,](?!\d)", sentence)
        if passage.lang == "zh"
        else sentence.split(mark)
    )
    if len(parts) < 2:
        return None
    first = draw.randrange(len(parts) - 1)
    kept = mark.join(parts[first : first + max(1, len(parts) // 2)]).strip(" 。.;；")
    long_enough = len(kept) >= 12 if passage.lang == "zh" else len(kept.split()) >= 6
    return kept + ("。" if passage.lang == "zh" else ".") if long_enough else None


def paraphrase(sentence: str, passage: Passage, draw: random.Random) -> str | None:
    """Clauses in another order, other words from a small table, other forms of numbers."""
    changed = _reformat_numbers(_reorder(sentence, passage.lang), passage.lang, draw)
    for word, other in _SYNONYMS[passage.lang].items():
        bound = r"\b" if passage.lang == "en" else ""
        changed = re.sub(rf"{bound}{word}{bound}", other, changed)
    return changed if changed != sentence else None


def _reorder(sentence: str, lang: str) -> str:
    mark, end = ("，", "。") if lang == "zh" else (", ", ".")
    parts = sentence.rstrip("。.").split(mark)
    if len(parts) < 2 or min(map(len, parts)) < 4:
        return sentence
    parts = [*parts[1:], parts[0]]
    if lang == "en" and parts[-1].split()[0] in (
        "The",
        "A",
        "In",
        "On",
        "By",
        "After",
        "This",
        "It",
        "At",
        "For",
    ):
        parts[-1] = parts[-1][0].lower() + parts[-1][1:]
    text = mark.join(parts) + end
    return text[0].upper() + text[1:]


_WIDE = str.maketrans("0123456789%", "０１２３４５６７８９％")
_HAN_DIGITS = "零一二三四五六七八九"


def _reformat_numbers(sentence: str, lang: str, draw: random.Random) -> str:
    way = draw.randrange(3)
    sentence = re.sub(r"(?<=\d),(?=\d{3})", "", sentence)
    if lang == "en":
        sentence = re.sub(r"(\d)\s?%", r"\1 percent", sentence)
        return sentence.translate(_WIDE) if way == 0 else sentence
    if way == 0:
        return sentence.translate(_WIDE)
    if way == 1:
        return re.sub(
            r"(?<!\d)([12]\d{3})(?=\s?年)",
            lambda found: "".join(_HAN_DIGITS[int(digit)] for digit in found[1]),
            sentence,
        )
    return re.sub(r"(\d+(?:\.\d+)?)\s?%", r"百分之\1", sentence)


def english_statement(question: str, answer: str) -> str:
    """A statement made of a question and its answer, by three rules and a general form."""
    asked = question.strip().rstrip("?").strip()
    subject = re.match(
        r"(?:Who|What) ((?!did|do|does|is|was|are|were|has|had|have|can|could|would|will)\w+ .+)",
        asked,
    )
    if subject:
        return f"{answer[:1].upper()}{answer[1:]} {subject[1]}."
    copula = re.match(r"(?:Who|What) ((?:is|was|were|are) .+)", asked)
    if copula:
        return f"{answer[:1].upper()}{answer[1:]} {copula[1]}."
    count = re.match(r"How many ([\w ]+?) did (.+)", asked)
    if count and count[1].split()[0].lower() not in answer.lower():
        return f"{count[2][:1].upper()}{count[2][1:]} {answer} {count[1]}."
    return f"The answer to “{question.strip()}” is {answer}."


_ASKED = re.compile(
    r"(?:哪一?年|哪一?[个位种天]|哪里|哪儿|哪些|哪|什么时候|什么时间|何时|何地|什么|谁|多少|几|怎样|怎么|如何|为何|是否|吗)"
)


def chinese_statement(question: str, answer: str) -> str | None:
    """The question with its answer in the place of the word that asks, where that word asks for a thing."""
    asked = question.strip().rstrip("？?。").strip()
    words = _ASKED.findall(asked)
    if len(words) != 1 or words[0] in ("怎样", "怎么", "如何", "为何", "是否", "吗", "为什么"):
        return None
    return _ASKED.sub(lambda _: answer.strip().rstrip("。，"), asked) + "。"


# ── spoiling ────────────────────────────────────────────────────────────────────────────────────

_DATE = {
    "en": re.compile(
        r"(?:January|February|March|April|June|July|August|September|October|November|December) \d{1,2}\b"
        r"|\b(?:1\d|20)\d\d\b"
    ),
    "zh": re.compile(r"\d{1,2}\s?月\s?\d{1,2}\s?日|(?<!\d)(?:1\d|20)\d\d(?=\s?年)"),
}
_NUMBER = {
    "en": re.compile(
        r"(?<![\w.,-])\d+(?:,\d{3})*(?:\.\d+)?(?![\w,]*\d)(?!-\d)"
        r"|\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|third|fourth)\b"
    ),
    "zh": re.compile(
        r"(?<![\w.,-])\d+(?:,\d{3})*(?:\.\d+)?(?![A-Za-z,]*\d)(?!\s?[年月日])"
        r"|(?<=[\u4e00-\u9fff ])\d+(?:\.\d+)?(?!\s?[年月日\d.])"
        r"|[二三四五六七八九]十[一二三四五六七八九]?|[两三四五六七八九](?=[个位名次种座人家场])"
    ),
}
_WORD_NUMBERS = [
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "twelve",
    "twenty",
    "thirty",
    "third",
    "fourth",
]
_YEAR = re.compile(r"(?:1\d|20)\d\d")


def spoil_number(case: Case, names: Names, draw: random.Random) -> str | None:
    dates = [match.span() for match in _DATE[case.lang].finditer(case.sentence)]
    found = [
        match
        for match in _NUMBER[case.lang].finditer(case.sentence)
        if not any(start <= match.start() < end for start, end in dates)
        and not _YEAR.fullmatch(match[0])
    ]
    if not found:
        return None
    match = draw.choice(found)
    return _put(case.sentence, match.span(), _another_number(match[0], draw))


def _another_number(text: str, draw: random.Random) -> str:
    if text in _WORD_NUMBERS:
        return draw.choice([word for word in _WORD_NUMBERS if word != text])
    if not text[0].isdigit():
        place = draw.randrange(len(text))
        place = place if text[place] != "十" else 0
        return (
            text[:place]
            + draw.choice([char for char in "三四五六七八九" if char != text[place]])
            + text[place + 1 :]
        )
    places = [place for place, char in enumerate(text) if char.isdigit()]
    place = draw.choice(places)
    choices = [digit for digit in "123456789" if int(digit) != int(text[place])]
    return text[:place] + draw.choice(choices) + text[place + 1 :]


def spoil_date(case: Case, names: Names, draw: random.Random) -> str | None:
    found = list(_DATE[case.lang].finditer(case.sentence))
    if not found:
        return None
    match = draw.choice(found)
    if _YEAR.fullmatch(match[0]):
        changed = str(int(match[0]) + draw.choice([-11, -7, -2, -1, 1, 3, 10, 20]))
    elif match[0][0].isdigit():
        month, day = map(int, re.findall(r"\d+", match[0]))
        changed = (
            f"{month % 12 + 1}月{day}日" if draw.random() < 0.5 else f"{month}月{day % 28 + 1}日"
        )
    else:
        month, day = match[0].split()
        changed = (
            f"{month} {int(day) % 28 + 1}" if draw.random() < 0.5 else f"{_next_month(month)} {day}"
        )
    return _put(case.sentence, match.span(), changed)


def _next_month(month: str) -> str:
    months = [
        "January",
        "February",
        "March",
        "April",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ]
    return months[(months.index(month) + 1) % len(months)]


def spoil_name(case: Case, names: Names, draw: random.Random) -> str | None:
    spans = _name_spans(case, names)
    if not spans:
        return None
    start, end = draw.choice(spans)
    old = case.sentence[start:end]
    pool = [
        name
        for name, _ in names.pools.get(shape(old), ())
        if name != old and not _shares(name, case.source)
    ]
    return _put(case.sentence, (start, end), draw.choice(pool)) if pool else None


def _shares(name: str, source: str) -> bool:
    return any(part in source for part in re.split(r"[\s·]", name))


def _name_spans(case: Case, names: Names) -> list[tuple[int, int]]:
    """Where known names stand; and what is written like one (inner capitals, dots, Latin letters in Chinese)."""
    known = {name for pool in names.pools.values() for name, _ in pool if len(name) > 1}
    spans = [
        match.span()
        for name in sorted(known)
        if name in case.sentence
        for match in re.finditer(
            rf"\b{re.escape(name)}\b" if case.lang == "en" else re.escape(name), case.sentence
        )
    ]
    written = (
        r"(?<=[a-z,] )(?!I\b)[A-Z][a-z]+(?: [A-Z][a-z]+)*(?![\w-])"
        if case.lang == "en"
        else r"[\u4e00-\u9fff]{2,4}·[\u4e00-\u9fff]{2,5}(?=[，。、（(]|$)|(?<![A-Za-z])[A-Z][A-Za-z]{2,}(?![A-Za-z\d])"
    )
    months = "January|February|March|April|May|June|July|August|September|October|November|December"
    spans += [
        match.span()
        for match in re.finditer(written, case.sentence)
        if not re.match(months, match[0])
    ]
    return sorted(set(spans))


_AUXILIARY = re.compile(
    r"\b(is|was|are|were|has|have|had|can|will|would|could|should|may|must)\b(?! not)"
)
_DENIAL = re.compile(r"\b(?:not|never) |n't\b")
_HAN_ASSERTION = (
    ("可以", "不可以"),
    ("是", "不是"),
    ("有", "没有"),
    ("能", "不能"),
    ("会", "不会"),
    ("在", "不在"),
)


def spoil_negation(case: Case, names: Names, draw: random.Random) -> str | None:
    sentence = case.sentence
    if case.lang == "zh":
        for plain, denied in _HAN_ASSERTION:
            match = re.search(
                rf"(?<![不没只还就但总若凡于正拥具所存现仍也占])(?<!可){plain}(?![时些关效的限此])",
                sentence,
            )
            if match:
                return _put(sentence, match.span(), denied)
        return None
    if match := _DENIAL.search(sentence):
        return _put(sentence, match.span(), "")
    if match := _AUXILIARY.search(sentence):
        return _put(sentence, match.span(), f"{match[1]} not")
    if match := re.search(r"\b[a-z]{3,}ed\b", sentence):
        return _put(sentence, match.span(), f"never {match[0]}")
    return None


def spoil_swap(case: Case, names: Names, draw: random.Random) -> str | None:
    """A number replaced by another number of the same passage: the source has it, but not there."""
    pattern = re.compile(r"(?<![\w.,-])\d{1,3}(?:,\d{3})*(?![\w.,-]*\d)(?!\s?[年月日])")
    found = list(pattern.finditer(case.sentence))
    if not found:
        return None
    match = draw.choice(found)
    pool = sorted({other[0] for other in pattern.finditer(case.source)} - {match[0]})
    pool = [other for other in pool if other not in case.sentence]
    return _put(case.sentence, match.span(), draw.choice(pool)) if pool else None


SPOIL: dict[str, Callable[[Case, Names, random.Random], str | None]] = {
    "number": spoil_number,
    "name": spoil_name,
    "date": spoil_date,
    "negation": spoil_negation,
    "number of the same passage": spoil_swap,
}


def _put(text: str, span: tuple[int, int], new: str) -> str:
    return text[: span[0]] + new + text[span[1] :]


# ── drawing ─────────────────────────────────────────────────────────────────────────────────────


def supported_cases(found: Sequence[Passage], n: int, draw: random.Random) -> list[Case]:
    """`n` cases, as many of each way as there are."""
    made: dict[str, list[Case]] = {}
    others = _neighbours(found)
    for passage in draw.sample(list(found), len(found)):
        for how, sentence in _sentences(passage, draw):
            other = others[passage.id]
            if sentence not in other:
                made.setdefault(how, []).append(
                    Case(sentence, passage.shown, other, how, passage.lang)
                )
    for cases in made.values():
        draw.shuffle(cases)
    picked: list[Case] = []
    while len(picked) < n and any(made.values()):
        picked += [made[how].pop() for how in sorted(made) if made[how]]
    return picked[:n]


def _sentences(passage: Passage, draw: random.Random) -> Iterator[tuple[str, str]]:
    whole = [passage.text[start:end] for start, end in sentence_spans(passage.text)]
    least, most = (15, 150) if passage.lang == "zh" else (40, 320)
    whole = [sentence for sentence in whole if least <= len(sentence) <= most]
    if whole:
        for how, make in (("verbatim", verbatim), ("clause", clause), ("paraphrase", paraphrase)):
            for sentence in draw.sample(whole, min(2, len(whole))):
                made = make(sentence, passage, draw)
                if made:
                    yield how, made
    for question, answer in passage.questions:
        make_statement = chinese_statement if passage.lang == "zh" else english_statement
        if statement := make_statement(question, answer):
            yield "question and answer", statement
    for answer in passage.answers:
        for start, end in sentence_spans(answer):
            if end - start >= least:
                yield "written by people", answer[start:end]


def _neighbours(found: Sequence[Passage]) -> dict[str, str]:
    """The text of the most similar other passage, of the same title where there is one."""
    terms = {passage.id: set(content_terms(passage.text)) for passage in found}
    nearest = {}
    for passage in found:
        same = [
            other for other in found if other.cluster == passage.cluster and other.id != passage.id
        ]
        pool = same or [other for other in found if other.id != passage.id]
        own = terms[passage.id]
        best = max(
            pool, key=lambda other: len(own & terms[other.id]) / (1 + len(terms[other.id])) ** 0.5
        )
        nearest[passage.id] = best.shown
    return nearest
