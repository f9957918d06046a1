"""Reads the packaged 4-bit form of multilingual E5 and writes it as an ordinary safetensors folder.

The layout (little-endian): magic and sizes, tokenizer, normalisation map, tensor directory, data.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

from surefoot.core.errors import DataError
from surefoot.models.tensors import save_tensors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAGIC = b"E5S1"
Q4_BLOCK = 32
TILDE, HELD_TILDE = "\uff5e", "\ue000"
CONTROLS = r"[\x{1}-\x{8}\x{b}\x{e}-\x{1f}\x{7f}\x{8f}\x{9f}]"
SPACES = (
    r"[\x{9}\x{a}\x{c}\x{d} \x{1680}\x{200b}-\x{200f}\x{2028}\x{2029}\x{2581}\x{feff}\x{fffd}]+"
)
LAYER_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
TABLES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


class _Reader:
    """Takes fields one after the other from the bytes of the file."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, form: str) -> tuple[Any, ...]:
        """Unpacks the next little-endian fields."""
        values = struct.unpack_from(f"<{form}", self.data, self.at)
        self.at += struct.calcsize(f"<{form}")
        return values

    def array(self, dtype: str, count: int) -> NDArray[Any]:
        """The next `count` numbers."""
        import numpy as np

        values = np.frombuffer(self.data, dtype, count, self.at)
        self.at += values.nbytes
        return values

    def blob(self, size: int) -> bytes:
        """The next `size` bytes."""
        self.at += size
        return self.data[self.at - size : self.at]


def convert_e5(file: Path, folder: Path) -> None:
    """Writes `model.safetensors` (float32), `config.json` and `tokenizer.json` of the file into the folder.

    Raises:
        DataError: the file is not of this layout.
    """
    reader = _Reader(file.read_bytes())
    if reader.blob(4) != MAGIC or reader.take("I") != (1,):
        raise DataError("is not a packaged E5 of version 1", where=str(file))
    hidden, layers, heads, inner, vocabulary, positions, types = reader.take("7i")
    epsilon, block = reader.take("fi")
    if block != Q4_BLOCK:
        raise DataError(f"has blocks of {block} weights, not {Q4_BLOCK}", where=str(file))
    config = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "intermediate_size": inner,
        "vocab_size": vocabulary,
        "max_position_embeddings": positions,
        "type_vocab_size": types,
        "layer_norm_eps": float(f"{epsilon:.6g}"),
        "pad_token_id": 1,
        "position_embedding_type": "absolute",
    }
    (folder / "config.json").write_text(json.dumps(config, indent=2), encoding="utf-8")
    _write_tokenizer(reader, folder / "tokenizer.json")
    _, size = reader.take("iI")
    reader.blob(size)
    save_tensors(_tensors(reader, hidden, {"fo": inner}), folder / "model.safetensors")


def _tensors(
    reader: _Reader, hidden: int, widths: dict[str, int]
) -> dict[str, NDArray[np.float32]]:
    import numpy as np

    found: dict[str, NDArray[np.float32]] = {}
    (count,) = reader.take("i")
    for _ in range(count):
        name = reader.blob(*reader.take("H")).decode()
        dtype, elements, offset, _size = reader.take("BIQQ")
        part = name.split(".")[1]
        columns = widths.get(part, hidden)
        if dtype == 0:
            values = np.frombuffer(reader.data, "<f4", elements, offset)
            wide = name in ("emb.pos", "emb.type")
            found[_hugging_face_name(name)] = values.reshape(-1, columns) if wide else values
        else:
            found[_hugging_face_name(name)] = _dequantise(
                reader.data, offset, elements // columns, columns
            )
    return found


def _dequantise(data: bytes, offset: int, rows: int, columns: int) -> NDArray[np.float32]:
    import numpy as np

    block = np.dtype([("scale", "<f2"), ("nibbles", "u1", Q4_BLOCK // 2)])
    blocks = np.frombuffer(data, block, rows * columns // Q4_BLOCK, offset)
    nibbles = np.hstack([blocks["nibbles"] & 15, blocks["nibbles"] >> 4]).astype(np.float32) - 8
    nibbles *= blocks["scale"].astype(np.float32)[:, None]
    return nibbles.reshape(rows, columns)


def _hugging_face_name(name: str) -> str:
    if name in TABLES:
        return TABLES[name]
    layer, part, kind = name.split(".")
    ending = "weight" if kind == "w" else "bias"
    return f"encoder.layer.{layer.removeprefix('l')}.{LAYER_PARTS[part]}.{ending}"


def _normaliser() -> Any:
    """NFKC as the model was trained with it: the full-width tilde stays, control characters go, the rest are spaces.

    Equal to the file's own map on every code point but U+1F23B, where that map has an older Unicode.
    """
    from tokenizers import Regex
    from tokenizers.normalizers import NFKC, Replace, Sequence, Strip

    return Sequence(
        [
            Replace(TILDE, HELD_TILDE),
            NFKC(),
            Replace(HELD_TILDE, TILDE),
            Replace(Regex(CONTROLS), ""),
            Replace(Regex(SPACES), " "),
            Strip(),
        ]
    )


def _write_tokenizer(reader: _Reader, target: Path) -> None:
    from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers
    from tokenizers.processors import TemplateProcessing

    count, bos, eos, pad, unknown = reader.take("5i")
    (size,) = reader.take("Q")
    offsets = reader.array("<u4", count + 1)
    scores = reader.array("<f4", count)
    blob = reader.blob(size)
    pieces = [
        (blob[offsets[i] : offsets[i + 1]].decode("utf-8"), float(scores[i])) for i in range(count)
    ]
    if len({piece for piece, _ in pieces}) != count:
        raise DataError("has a tokenizer with repeated pieces", where=str(target))
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=unknown, byte_fallback=False))
    tokenizer.normalizer = _normaliser()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", bos), ("</s>", eos)],
    )
    tokenizer.add_special_tokens(
        [AddedToken(pieces[i][0], special=True, normalized=False) for i in (bos, pad, eos, unknown)]
    )
    tokenizer.save(str(target), pretty=False)
