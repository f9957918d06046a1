"""Whole weights as GGUF: tokenizer, chat template and metadata from the base's own GGUF, tensors from safetensors."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from surefoot.core.errors import DataError
from surefoot.models.gguf_rewrite import copy_values
from surefoot.models.tensors import Tensors
from surefoot.tune.export.layout import Layout, layout_of_folder, read_config
from surefoot.tune.export.tokenizer_gguf import add_folder_values

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NumberType = Literal["f16", "q8_0"]
"""Of the matrices: F16 is nearly exact, Q8_0 half its size. Norms and biases are F32."""
_ROWS = 4096  # rows of a tensor that are converted at a time
_LARGEST = 65504.0  # of F16, which the scales of Q8_0 are too
_OUTPUT = "output.weight"
_EMBEDDING = "token_embd.weight"
_MADE_BY_RULE = ("rope_freqs.weight",)  # GGUF holds it as a tensor, other forms compute it


@dataclass(frozen=True, slots=True)
class _Planned:
    """A tensor to be written: its name in the folder, its name and number type in GGUF."""

    source: str
    name: str
    shape: tuple[int, ...]
    kind: Any


def write_model(weights: Path, base: Path | None, target: Path, number_type: NumberType) -> None:
    """Writes the folder `weights` as GGUF; where the base was no GGUF file the folder's tokenizer is written.

    Raises:
        DataError: an architecture, tensor or tokenizer that has no place in GGUF, or other tensors than the base's.
    """
    from gguf import GGUFReader, GGUFWriter

    layout, tensors = layout_of_folder(weights), Tensors(weights)
    reader = GGUFReader(base) if base is not None else None
    planned = _plan(
        tensors, layout, number_type, tied=bool(read_config(weights).get("tie_word_embeddings"))
    )
    writer = GGUFWriter(target, layout.architecture)
    if reader is None:
        add_folder_values(weights, layout, writer, _file_type(number_type))
    else:
        _check_same(planned, reader)
        copy_values(reader, writer, _file_type(number_type))
    ruled = [t for t in reader.tensors if t.name in _MADE_BY_RULE] if reader else []
    _announce(writer, planned, ruled)
    with closing(writer):
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        for one in planned:
            writer.write_tensor_data(
                _converted(one, layout.ordered(one.source, tensors[one.source]))
            )
        for tensor in ruled:
            writer.write_tensor_data(tensor.data)


def _plan(
    tensors: Tensors, layout: Layout, number_type: NumberType, *, tied: bool
) -> list[_Planned]:
    planned = {}
    for source in sorted(tensors):
        name = layout.name(source)
        if name == _OUTPUT and tied:
            continue
        shape = tensors[source].shape
        planned[name] = _Planned(source, name, shape, _kind(shape, number_type))
    return list(planned.values())


def _announce(writer: Any, planned: list[_Planned], ruled: list[Any]) -> None:
    """Tells the writer which tensors come, in the order in which they come."""
    import numpy as np

    for one in planned:
        writer.add_tensor_info(
            one.name,
            one.shape,
            np.dtype(np.float32),
            _bytes(one.shape, one.kind),
            raw_dtype=one.kind,
        )
    for tensor in ruled:
        shape = tuple(int(size) for size in reversed(tensor.shape))
        writer.add_tensor_info(
            tensor.name, shape, tensor.data.dtype, tensor.n_bytes, raw_dtype=tensor.tensor_type
        )


def _kind(shape: tuple[int, ...], number_type: NumberType) -> Any:
    from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

    if len(shape) < 2:
        return GGMLQuantizationType.F32
    fits = shape[-1] % GGML_QUANT_SIZES[GGMLQuantizationType.Q8_0][0] == 0
    return GGMLQuantizationType.Q8_0 if number_type == "q8_0" and fits else GGMLQuantizationType.F16


def _file_type(number_type: NumberType) -> Any:
    from gguf import LlamaFileType

    return LlamaFileType.MOSTLY_Q8_0 if number_type == "q8_0" else LlamaFileType.MOSTLY_F16


def _bytes(shape: tuple[int, ...], kind: Any) -> int:
    from gguf import GGML_QUANT_SIZES

    block, size = GGML_QUANT_SIZES[kind]
    return prod(shape) // block * size


def _check_same(planned: list[_Planned], reader: Any) -> None:
    """Refuses what another base or a changed vocabulary would make: an engine would load it and talk nonsense."""
    wanted = {t.name: tuple(int(n) for n in reversed(t.shape)) for t in reader.tensors}
    found = {one.name: one.shape for one in planned}
    if _OUTPUT in found and _OUTPUT not in wanted:
        wanted[_OUTPUT] = wanted[_EMBEDDING]
    if _OUTPUT in wanted and _OUTPUT not in found:
        del wanted[_OUTPUT]
    wanted = {name: shape for name, shape in wanted.items() if name not in _MADE_BY_RULE}
    if odd := sorted(wanted.items() ^ found.items()):
        raise DataError(
            f"the tensors are not those of the base: {odd[0][0]} is {found.get(odd[0][0], 'missing')}, "
            f"in the base {wanted.get(odd[0][0], 'missing')}",
            where=str(reader.data.filename),
        )


def _converted(one: _Planned, values: NDArray[Any]) -> NDArray[np.generic]:
    import numpy as np
    from gguf import quants

    rows = values.reshape(-1, values.shape[-1])
    largest = np.finfo(np.float32).max if one.kind.name == "F32" else _LARGEST
    pieces = []
    for start in range(0, len(rows), _ROWS):
        piece = np.ascontiguousarray(rows[start : start + _ROWS], dtype=np.float32)
        if not (np.abs(piece) <= largest).all():
            raise DataError(f"{one.source} holds numbers that {one.kind.name} cannot")
        pieces.append(quants.quantize(piece, one.kind))
    return np.concatenate(pieces)
