"""Which field of a record means what, by the spellings that are common in English and Chinese."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, Literal

from surefoot.core.lang import fold

Field = Literal[
    "id", "lang", "split", "system", "history", "instruction", "input", "question", "answer",
    "query", "positive", "negative", "positive_scores", "negative_scores", "document", "quote",
]  # fmt: skip

# Of several spellings in one record the earlier one wins.
SPELLINGS: Final[Mapping[Field, str]] = {
    "id": "id _id qid questionid queryid rowid uuid 编号 序号",
    "lang": "lang language 语言 语种",
    "split": "split subset 划分",
    "system": "system systemprompt sys 系统 系统提示 系统提示词",
    "history": "history 历史 历史对话",
    "instruction": "instruction instructions 指令 任务",
    "input": "input context 输入",
    "question": "question query prompt userinput user human request q input 问题 提问 问句 用户问题 用户 问 输入",
    "answer": """completion output response answer reply target assistant expectedoutput goldanswer answers a
        答案 标准答案 回答 回复 输出 答""",
    "query": "query anchor question sentence1 查询 问题 检索词",
    "positive": "positive positives pos positivepassage positivepassages 正例 正样本 相关段落",
    "negative": "negative negatives neg negativepassage negativepassages hardnegatives hardnegative 负例 负样本",
    "positive_scores": "posscores positivescores positivescore",
    "negative_scores": "negscores negativescores negativescore",
    "document": """document documentid docid doc source sourcedocument file filename path url
        文档 文档名 来源 出处 文件 文件名 链接""",
    "quote": "quote quotes evidence context passage passages excerpt 原文 引文 依据 证据 上下文 段落 片段",
}  # fmt: skip
_SEPARATORS = re.compile(r"[\s_\-.]+")
_NUMBERED = re.compile(r"^(negatives?|负例|负样本)[\s_\-.]*\d+$")


def plain_name(name: str) -> str:
    """A field's name without case, width, spaces, hyphens and underscores."""
    return _SEPARATORS.sub("", fold(name))


class Fields:
    """The fields of one record by meaning; `used` gathers the names that were read."""

    def __init__(self, record: Mapping[str, Any]) -> None:
        self._record = record
        self._known = {plain_name(name): name for name in record}
        self.used: set[str] = set()

    def has(self, field: Field) -> bool:
        """Whether the record has the field under one of its names."""
        return self._name(field) is not None

    def value(self, field: Field) -> Any:
        """What stands there; None where there is no such field."""
        name = self._name(field)
        if name is None:
            return None
        self.used.add(name)
        return self._record[name]

    def said(self, field: Field) -> str:
        """It as one text, letter for letter: the first of a list, an object as JSON, empty where there is none."""
        return said(self.value(field))

    def texts(self, field: Field) -> tuple[str, ...]:
        """The texts of a value that may hold several: of a list, of a list written as JSON, or the value itself."""
        return tuple(_texts(self.value(field)))

    def negatives(self) -> tuple[str, ...]:
        """The texts of `negative`, then of `negative_1`, `negative_2` ..."""
        found = list(self.texts("negative"))
        for name in self._record:
            if _NUMBERED.match(fold(name)):
                self.used.add(name)
                found += _texts(self._record[name])
        return tuple(found)

    def numbers(self, field: Field) -> tuple[float, ...]:
        """The numbers of a list; empty where it is none."""
        value = self.value(field)
        values = value if isinstance(value, list) else [value]
        return tuple(float(one) for one in values if isinstance(one, int | float))

    def unused(self) -> Iterable[str]:
        """The names that nobody read, of fields that hold something."""
        return [n for n, value in self._record.items() if n not in self.used and value]

    def _name(self, field: Field) -> str | None:
        return next((self._known[s] for s in _spellings(field) if s in self._known), None)


def said(value: object) -> str:
    """A value as one text, letter for letter: the first of a list, an object as JSON, empty where there is none."""
    if isinstance(value, list | tuple):
        return said(value[0]) if value else ""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@lru_cache(maxsize=64)
def _spellings(field: Field) -> tuple[str, ...]:
    return tuple(plain_name(spelling) for spelling in SPELLINGS[field].split())


def _texts(value: object) -> Sequence[str]:
    if value is None or isinstance(value, bool) or (isinstance(value, float) and value != value):
        return ()
    if isinstance(value, list | tuple):
        return [text for one in value for text in _texts(one)]
    if isinstance(value, dict):
        return _texts(value.get("text") or value.get("content"))
    text = str(value)
    if text.strip()[:1] == "[" and text.strip()[-1:] == "]":
        try:
            listed = json.loads(text)
        except json.JSONDecodeError:
            return [text]
        if isinstance(listed, list) and all(isinstance(one, str) for one in listed):
            return listed
    return [text] if text.strip() else ()
