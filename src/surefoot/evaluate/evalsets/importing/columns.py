"""Which column of a record means what, by the spellings that are common in English and Chinese."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from surefoot.core.errors import ConfigError
from surefoot.core.lang import fold

Field = Literal[
    "question", "answer", "source", "quote", "id", "tags", "lang", "split", "answerable", "source_kind"
]  # fmt: skip
FIELDS: tuple[Field, ...] = get_args(Field)

# Earlier spellings win: beside a ground truth the `answer` is what some system said.
_SPELLINGS: Mapping[Field, str] = {
    "question": """question userinput query userquery userquestion q prompt input
        问题 用户问题 提问 问句 查询 问""",
    "answer": """groundtruth groundtruths goldanswer goldenanswer reference referenceanswer referenceanswers
        expectedanswer expectedoutput expected correctanswer idealanswer answer answers a output
        标准答案 参考答案 正确答案 答案 回答 答""",
    "source": """source sources doc docs docid docids document documents documentid documentids file files filename
        filenames path url urls uri referencesource sourcedocument
        来源 出处 文档 文档名 文档名称 来源文档 文件 文件名 文件名称 网址 链接""",
    "quote": """quote quotes groundtruthcontext groundtruthcontexts referencecontexts referencecontext evidence
        goldcontext goldcontexts excerpt passage passages context contexts sourcetext
        原文 引文 引用 依据 证据 上下文 片段 段落 参考内容""",
    "id": "id questionid queryid qid caseid 编号 序号 问题编号",
    "tags": """tags tag category categories topic questiontype querytype type evolutiontype synthesizername
        标签 分类 类别 类型""",
    "lang": "lang language 语言 语种",
    "split": "split 划分",
    "answerable": "answerable isanswerable hasanswer 可回答 能否回答 是否可回答 是否有答案",
    "source_kind": "sourcekind",
}
_SYNTHETIC = ("synthesizername", "evolutiontype")
_SYSTEMS_OWN = ("contexts", "context")
_SEPARATORS = re.compile(r"[\s_\-.]+")
_YES = frozenset(("true", "yes", "y", "1", "是", "有", "可", "能", "对"))
_NO = frozenset(("false", "no", "n", "0", "否", "无", "不可", "不能", "错"))


def columns_said(pairs: Sequence[str], where: str) -> dict[str, str]:
    """Columns by field, as people name them: `question=提问`.

    Raises:
        ConfigError: one is no such pair.
    """
    found = {}
    for pair in pairs:
        field, equals, name = pair.partition("=")
        if not equals or not name:
            raise ConfigError(f"{pair!r} is not FIELD=NAME", where=where, hint="try question=提问")
        found[field.strip()] = name.strip()
    return found


@dataclass(frozen=True, slots=True)
class Columns:
    """The column of each field that there is, and whether a program says that it made the questions."""

    of: Mapping[Field, str]
    generated: bool = False

    def text(self, record: Mapping[str, Any], field: Field) -> str:
        """One text; the first of a list."""
        return next(iter(self.texts(record, field)), "")

    def texts(self, record: Mapping[str, Any], field: Field) -> tuple[str, ...]:
        """The texts of a cell: of a list, of a list that is written out in a cell, or of the cell itself."""
        return tuple(_texts(record.get(self.of.get(field, ""))))

    def answerable(self, record: Mapping[str, Any]) -> bool | None:
        """What the record says of whether the documents answer; None where it does not say.

        Raises:
            ConfigError: it is neither yes nor no.
        """
        said = fold(self.text(record, "answerable"))
        if not said:
            return None
        if said in _YES or said in _NO:
            return said in _YES
        raise ConfigError(f"answerable is {said!r}", hint="yes or no")


def find_columns(names: Iterable[str], given: Mapping[str, str], where: str) -> Columns:
    """Which of these columns means what; `given` names some of them by field.

    Raises:
        ConfigError: a given field or column is not there; or no column has the question.
    """
    known = {_SEPARATORS.sub("", fold(name)): name for name in names}
    found: dict[Field, str] = {}
    for field in FIELDS:
        spelt = [known[s] for s in _SPELLINGS[field].split() if s in known]
        if spelt:
            found[field] = spelt[0]
    _drop_systems_own(found, known)
    for field in FIELDS:
        if field in given:
            found[field] = _given(given[field], known, where)
    if unknown := sorted(set(given) - set(FIELDS)):
        raise ConfigError(f"{unknown[0]!r} is no field", hint=f"known: {', '.join(FIELDS[:-1])}")
    if "question" not in found:
        raise ConfigError(
            "no column has the question",
            where=where,
            hint=f"name it: --column question={next(iter(known.values()), 'NAME')}",
        )
    return Columns(found, any(name in known for name in _SYNTHETIC))


def _given(name: str, known: Mapping[str, str], where: str) -> str:
    plain = _SEPARATORS.sub("", fold(name))
    if plain not in known:
        columns = ", ".join(known.values())
        raise ConfigError(f"there is no column {name!r}", where=where, hint=f"columns: {columns}")
    return known[plain]


def _drop_systems_own(found: dict[Field, str], known: Mapping[str, str]) -> None:
    """Where a record has a ground truth and an answer, it is a run: its contexts are what a system retrieved."""
    run = {"answer", "response"} & known.keys() and found.get("answer") != known.get("answer")
    quote = _SEPARATORS.sub("", fold(found.get("quote", "")))
    if run and quote in _SYSTEMS_OWN:
        del found["quote"]


def _texts(cell: object) -> Sequence[str]:
    if cell is None or (isinstance(cell, float) and cell != cell):
        return ()
    if isinstance(cell, list | tuple):
        return [text for one in cell for text in _texts(one)]
    if isinstance(cell, dict):
        return _texts(cell.get("text") or cell.get("content"))
    text = str(cell).strip()
    if text[:1] == "[" and text[-1:] == "]" and (listed := _written_list(text)) is not None:
        return _texts(listed)
    return [text] if text else []


def _written_list(text: str) -> list[Any] | None:
    """A list that stands in a cell as JSON, or as Python prints it."""
    for read in (json.loads, ast.literal_eval):
        try:
            found = read(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        return found if isinstance(found, list) else None
    return None
