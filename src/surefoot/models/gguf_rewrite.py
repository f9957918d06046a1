"""Rewrites a GGUF file so that its tensors are of number types that an engine reads exactly."""

from __future__ import annotations

from contextlib import closing
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from filelock import FileLock

from surefoot.core.digest import sha256_file
from surefoot.core.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NewType = Literal["Q8_0", "F16"]
_ROWS = 4096  # rows of a tensor that are in memory as float32 at a time


def rewrite_as_q8_0(path: Path, cache: Path, keep: frozenset[str]) -> Path:
    """As `rewrite_as`, in Q8_0."""
    return rewrite_as(path, cache, keep, "Q8_0")


def rewrite_as(path: Path, cache: Path, keep: frozenset[str], kind: NewType) -> Path:
    """A copy of the file whose tensors of types other than `keep` are of this one (F16 where Q8_0 blocks do not fit).

    All key-values are copied. Made once: the copy lies in `cache` under the sha256 of the file, and is there whole
    or not at all; several processes may ask at once.

    Raises:
        DataError: a tensor is of a type that cannot be converted.
    """
    folder = cache / f"gguf-{kind.lower()}"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{sha256_file(path)}.gguf"
    with FileLock(target.with_suffix(".lock")):
        if not target.is_file():
            part = target.with_suffix(".part")
            try:
                _rewrite(path, part, keep, kind)
            except NotImplementedError as problem:
                raise DataError(f"cannot be converted: {problem}", where=str(path)) from problem
            part.replace(target)
    return target


def _rewrite(source: Path, target: Path, keep: frozenset[str], wanted: NewType) -> None:
    import numpy as np
    from gguf import GGUFReader, GGUFWriter, LlamaFileType

    reader = GGUFReader(source)
    writer = GGUFWriter(
        target, reader.fields["general.architecture"].contents(), endianess=reader.endianess
    )
    copy_values(reader, writer, LlamaFileType[f"MOSTLY_{wanted}"])
    plans = [(tensor, _new_type(tensor, keep, wanted)) for tensor in reader.tensors]
    for tensor, kind in plans:
        shape = tuple(int(size) for size in reversed(tensor.shape))
        writer.add_tensor_info(
            tensor.name, shape, np.dtype(np.float32), _bytes(shape, kind), raw_dtype=kind
        )
    with closing(writer):
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        for tensor, kind in plans:
            writer.write_tensor_data(_converted(tensor, kind))


def copy_values(reader: Any, writer: Any, file_type: Any) -> None:
    """All key-values of a file but its architecture, which the writer has; `file_type` is gguf's `LlamaFileType`."""
    from gguf import GGUFValueType, Keys

    for key, field in reader.fields.items():
        if key.startswith("GGUF.") or key == Keys.General.ARCHITECTURE:
            continue
        if key == Keys.General.ALIGNMENT:
            writer.add_custom_alignment(int(field.contents()))
        elif key == Keys.General.FILE_TYPE:
            writer.add_file_type(file_type)
        else:
            kind = field.types[0]
            inner = field.types[-1] if kind == GGUFValueType.ARRAY else None
            writer.add_key_value(key, field.contents(), kind, inner)


def _new_type(tensor: Any, keep: frozenset[str], wanted: NewType) -> Any:
    from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

    if tensor.tensor_type.name in keep:
        return tensor.tensor_type
    block = GGML_QUANT_SIZES[GGMLQuantizationType.Q8_0][0]
    fits = int(tensor.shape[0]) % block == 0
    return GGMLQuantizationType[wanted] if fits else GGMLQuantizationType.F16


def _bytes(shape: tuple[int, ...], kind: Any) -> int:
    from gguf import GGML_QUANT_SIZES

    block, size = GGML_QUANT_SIZES[kind]
    return prod(shape) // block * size


def _converted(tensor: Any, kind: Any) -> NDArray[np.generic]:
    import numpy as np
    from gguf import quants

    if kind == tensor.tensor_type:
        return np.ascontiguousarray(tensor.data)
    rows = tensor.data.reshape(-1, tensor.data.shape[-1])
    pieces = [
        quants.quantize(quants.dequantize(rows[start : start + _ROWS], tensor.tensor_type), kind)
        for start in range(0, len(rows), _ROWS)
    ]
    return np.concatenate(pieces)
