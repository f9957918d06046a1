"""What a GGUF file says of itself. Knows no engine.

The parser is its own because the `gguf` package builds an array for each entry of the vocabulary, which takes seconds
(2.6 for 49,000 tokens, 8.7 for 152,000) at every opening.
"""

from __future__ import annotations

import mmap
import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any

from surefoot.core.errors import DataError, MissingError

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_SCALARS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
PLAIN_TYPES = frozenset({"F32", "F16", "BF16"})
"""Number types of weights that are not quantised."""
_STRING, _ARRAY = 8, 9
_CONTROL, _USER_DEFINED = 3, 4
_KEPT_ARRAYS = ("tokenizer.ggml.tokens", "tokenizer.ggml.token_type")


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor's entry in the header; `type` is the GGML name of its number type, such as `Q4_1`.

    `shape` is as GGUF writes it: the length of a row first.
    """

    name: str
    type: str
    shape: tuple[int, ...] = ()


@dataclass(frozen=True)
class GgufFacts:
    """The header of a GGUF file: its key-values (long arrays other than the vocabulary left out) and tensors."""

    path: Path
    values: Mapping[str, Any]
    tensors: tuple[Tensor, ...]

    @property
    def architecture(self) -> str:
        return str(self.values.get("general.architecture", ""))

    @property
    def context_tokens(self) -> int:
        """Tokens that the model was trained to read at once; 0 where the file does not say."""
        return int(self.values.get(f"{self.architecture}.context_length", 0))

    @property
    def tokenizer(self) -> str:
        """Kind of tokenizer and the name of its splitting rule, such as `gpt2/qwen2`."""
        model = self.values.get("tokenizer.ggml.model", "none")
        return f"{model}/{self.values.get('tokenizer.ggml.pre', 'default')}"

    @property
    def tensor_types(self) -> frozenset[str]:
        return frozenset(tensor.type for tensor in self.tensors)

    @property
    def parameters(self) -> int:
        """How many weights there are."""
        return sum(prod(tensor.shape) for tensor in self.tensors)

    @property
    def has_chat_template(self) -> bool:
        return bool(self.values.get("tokenizer.chat_template"))

    @property
    def scales_rope(self) -> bool:
        """Whether positions are stretched by a rule that has to be applied to be read right."""
        kind = self.values.get(f"{self.architecture}.rope.scaling.type", "none")
        return kind != "none" or any(tensor.name == "rope_freqs.weight" for tensor in self.tensors)

    @property
    def is_part(self) -> bool:
        """Whether the file is one of several that make the model."""
        return int(self.values.get("split.count", 0)) > 1

    @cached_property
    def control_tokens(self) -> tuple[str, ...]:
        """Tokens that steer the model, such as the mark that ends a message."""
        tokens = self.values.get("tokenizer.ggml.tokens", ())
        kinds = self.values.get("tokenizer.ggml.token_type", ())
        return tuple(
            token
            for token, kind in zip(tokens, kinds, strict=False)
            if kind in (_CONTROL, _USER_DEFINED) and len(token) > 1 and not token.isspace()
        )

    def disarm(self, text: str) -> str:
        """Splits each control token that stands in a text, so that a document cannot end a message or start one."""
        if self._control is None:
            return text
        return self._control.sub(lambda match: f"{match.group()[0]} {match.group()[1:]}", text)

    @cached_property
    def _control(self) -> re.Pattern[str] | None:
        longest_first = sorted(self.control_tokens, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest_first))) if longest_first else None


def read_gguf(path: Path) -> GgufFacts:
    """Reads the header.

    Raises:
        MissingError: there is no such file.
        DataError: it is not a GGUF file of version 2 or 3, or it is cut off.
    """
    if not path.is_file():
        raise MissingError("there is no such file", where=str(path))
    with path.open("rb") as file:
        head = file.read(4)
        if head != _MAGIC:
            raise DataError("is not a GGUF file", where=str(path))
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            try:
                return _Header(data).facts(path)
            except (struct.error, IndexError, KeyError, UnicodeDecodeError) as problem:
                raise DataError(
                    f"its header cannot be read ({type(problem).__name__}: {problem})",
                    where=str(path),
                    hint="fetch the file again",
                ) from problem


class _Header:
    """Walks over the bytes of a header."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._at = len(_MAGIC)

    def facts(self, path: Path) -> GgufFacts:
        version = self._scalar("I")
        if version not in _VERSIONS:
            raise DataError(f"GGUF version {version} is not read", where=str(path))
        tensors, keys = self._scalar("Q"), self._scalar("Q")
        values = {}
        for _ in range(keys):
            key = self._string()
            value = self._value(self._scalar("I"), keep=key in _KEPT_ARRAYS)
            if value is not None:
                values[key] = value
        return GgufFacts(path, values, tuple(self._tensor() for _ in range(tensors)))

    def _tensor(self) -> Tensor:
        name = self._string()
        shape = tuple(self._scalar("Q") for _ in range(self._scalar("I")))
        kind = self._scalar("I")
        self._skip(8)
        return Tensor(name, _type_name(kind), shape)

    def _value(self, kind: int, *, keep: bool) -> Any:
        if kind == _STRING:
            return self._string()
        if kind == _ARRAY:
            return self._array(keep=keep)
        return self._scalar(_SCALARS[kind])

    def _array(self, *, keep: bool) -> list[Any] | None:
        kind, count = self._scalar("I"), self._scalar("Q")
        if kind in _SCALARS and not keep:
            self._skip(count * struct.calcsize(_SCALARS[kind]))
            return None
        read: Callable[[], Any]
        if kind == _STRING:
            read = self._string if keep else self._skip_string
        else:
            read = lambda: self._value(kind, keep=keep)  # noqa: E731
        found = [read() for _ in range(count)]
        return found if keep else None

    def _string(self) -> str:
        length = self._scalar("Q")
        start = self._at
        self._skip(length)
        return self._data[start : start + length].decode("utf-8", errors="replace")

    def _skip_string(self) -> None:
        self._skip(self._scalar("Q"))

    def _scalar(self, code: str) -> Any:
        (value,) = struct.unpack_from(f"<{code}", self._data, self._at)
        self._at += struct.calcsize(code)
        return value

    def _skip(self, count: int) -> None:
        self._at += count
        if self._at > len(self._data):
            raise IndexError("the file ends within its header")


def _type_name(kind: int) -> str:
    from gguf import GGMLQuantizationType

    try:
        return GGMLQuantizationType(kind).name
    except ValueError:
        return f"type {kind}"
