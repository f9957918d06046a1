"""The packaged 4-bit form, made here in small, becomes an ordinary folder."""

import json
import struct

import numpy as np
import pytest
from tokenizers import Tokenizer

from surefoot.core.errors import DataError
from surefoot.models.tensors import Tensors
from surefoot.models.weights_e5 import convert_e5

PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "a", "~", "～", "密", "码"]
HIDDEN, INNER = 32, 64


def quantised(values):
    """Blocks of 32: an f16 scale and two 4-bit numbers a byte; gives the bytes and what they stand for."""
    blocks = values.reshape(-1, 32)
    scale = (np.abs(blocks).max(1) / 7).astype("<f2")
    nibbles = np.clip(np.round(blocks / scale[:, None].astype(np.float32)) + 8, 0, 15)
    packed = (nibbles[:, :16].astype("u1")) | (nibbles[:, 16:].astype("u1") << 4)
    raw = b"".join(s.tobytes() + p.tobytes() for s, p in zip(scale, packed, strict=True))
    plain = (nibbles.astype(np.float32) - 8) * scale[:, None].astype(np.float32)
    return raw, plain.reshape(values.shape)


def make(file):
    rng = np.random.default_rng(3)
    texts = [piece.encode() for piece in PIECES]
    offsets = np.cumsum([0, *map(len, texts)]).astype("<u4")
    head = b"E5S1" + struct.pack("<I7ifi", 1, HIDDEN, 1, 2, INNER, 10, 6, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, int(offsets[-1]))
    head += offsets.tobytes() + np.arange(0, -10, -1).astype("<f4").tobytes() + b"".join(texts)
    head += struct.pack("<iI", 1, 9) + struct.pack("<IBI", 9, 1, 32)
    tensors = {"emb.word": rng.normal(size=(10, HIDDEN)), "emb.pos": rng.normal(size=(6, HIDDEN))}
    tensors |= {"l0.fo.w": rng.normal(size=(HIDDEN, INNER)), "l0.q.b": rng.normal(size=HIDDEN)}
    entries, data, plain = b"", b"", {}
    start = len(head) + 4 + sum(2 + len(name) + 1 + 4 + 8 + 8 for name in tensors)
    for name, values in tensors.items():
        small = name in ("emb.word", "l0.fo.w")
        single = values.astype("<f4")
        raw, plain[name] = quantised(single) if small else (single.tobytes(), single)
        entries += struct.pack("<H", len(name)) + name.encode()
        entries += struct.pack("<BIQQ", int(small), values.size, start + len(data), len(raw))
        data += raw
    file.write_bytes(head + struct.pack("<i", len(tensors)) + entries + data)
    return plain


def test_weights_names_and_settings(tmp_path):
    plain = make(tmp_path / "e5.bin")
    convert_e5(tmp_path / "e5.bin", tmp_path)
    found = Tensors(tmp_path)
    names = {
        "emb.word": "embeddings.word_embeddings.weight",
        "emb.pos": "embeddings.position_embeddings.weight",
        "l0.fo.w": "encoder.layer.0.output.dense.weight",
        "l0.q.b": "encoder.layer.0.attention.self.query.bias",
    }
    assert set(found) == set(names.values())
    for short, name in names.items():
        np.testing.assert_array_equal(found[name], plain[short])
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["layer_norm_eps"] == 1e-12
    assert config["intermediate_size"] == INNER


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("a\u0007\u200b\n a", ["<s>", "▁", "a", "▁", "a", "</s>"]),
        ("密码", ["<s>", "▁", "密", "码", "</s>"]),
        ("ａ～~", ["<s>", "▁", "a", "～", "~", "</s>"]),
    ],
)
def test_texts_are_normalised_as_the_model_was_trained(tmp_path, text, pieces):
    make(tmp_path / "e5.bin")
    convert_e5(tmp_path / "e5.bin", tmp_path)
    assert Tokenizer.from_file(str(tmp_path / "tokenizer.json")).encode(text).tokens == pieces


def test_other_files_are_refused(tmp_path):
    (tmp_path / "x.bin").write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(DataError, match="not a packaged E5"):
        convert_e5(tmp_path / "x.bin", tmp_path)
