"""Tensors of a safetensors folder as numpy views of the mapped file: nothing is read before it is used."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from surefoot.core.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4"}
INDEX = "model.safetensors.index.json"


class Tensors(Mapping[str, "NDArray[Any]"]):
    """Name to array of all safetensors files in a folder; BF16 becomes float32, the rest keep their type."""

    def __init__(self, folder: Path) -> None:
        self._places: dict[str, tuple[Path, dict[str, Any], int]] = {}
        for file in sorted(folder.glob("*.safetensors")):
            with file.open("rb") as opened:
                size = int.from_bytes(opened.read(8), "little")
                header = json.loads(opened.read(size))
            header.pop("__metadata__", None)
            self._places |= {name: (file, entry, 8 + size) for name, entry in header.items()}
        if not self._places:
            raise DataError("holds no safetensors file", where=str(folder))

    def __getitem__(self, name: str) -> NDArray[Any]:
        import numpy as np

        file, entry, base = self._places[name]
        start, end = entry["data_offsets"]
        raw = np.memmap(file, mode="c", offset=base + start, shape=(end - start,), dtype=np.uint8)
        shape = tuple(entry["shape"])
        if entry["dtype"] == "BF16":
            wide = raw.view("<u2").astype(np.uint32) << 16
            return wide.view(np.float32).reshape(shape)
        if entry["dtype"] not in DTYPES:
            raise DataError(f"{name} has the type {entry['dtype']}", where=str(file))
        return raw.view(np.ndarray).view(DTYPES[entry["dtype"]]).reshape(shape)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def save_tensors(tensors: Mapping[str, NDArray[np.float32]], file: Path) -> None:
    """Writes float32 arrays as one safetensors file."""
    from safetensors.numpy import save_file

    save_file(dict(tensors), file)
