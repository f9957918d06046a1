import numpy as np
import pytest
from gguf import GGMLQuantizationType, GGUFReader, GGUFWriter, LlamaFileType, quants

from surefoot.core.errors import DataError, MissingError
from surefoot.models import gguf_rewrite
from surefoot.models.chat_openvino import EXACT_TYPES
from surefoot.models.gguf import read_gguf
from surefoot.models.gguf_rewrite import rewrite_as_q8_0

TOKENS = ["a", "b", "<|end|>", "<|end|>ing", "\n", "<tool>", "中"]
KINDS = [1, 1, 3, 3, 3, 4, 1]


def weights(rows=3, columns=64, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, columns)).astype(np.float32)


def write(path, *, tensors=None, **values):
    writer = GGUFWriter(path, values.pop("architecture", "llama"))
    writer.add_context_length(values.pop("context", 512))
    writer.add_tokenizer_model(values.pop("tokenizer", "gpt2"))
    writer.add_tokenizer_pre(values.pop("pre", "smollm"))
    writer.add_token_list(TOKENS)
    writer.add_token_types(KINDS)
    writer.add_token_merges(["a b", "b a"])
    writer.add_file_type(LlamaFileType.MOSTLY_Q4_1)
    if template := values.pop("template", "{{ messages }}"):
        writer.add_chat_template(template)
    for key, value in values.items():
        writer.add_string(key.replace("__", "."), value)
    for name, (data, kind) in (tensors or {"w": (weights(), "F32")}).items():
        raw = GGMLQuantizationType[kind]
        writer.add_tensor(name, quants.quantize(data, raw), raw_dtype=raw)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture
def file(tmp_path):
    return tmp_path / "small.gguf"


def test_the_header_says_what_the_model_is(file):
    facts = read_gguf(write(file, tensors={"w": (weights(), "Q4_1"), "n": (weights(), "F32")}))
    assert (facts.architecture, facts.context_tokens) == ("llama", 512)
    assert facts.tokenizer == "gpt2/smollm"
    assert facts.tensor_types == {"Q4_1", "F32"}
    assert facts.has_chat_template
    assert not facts.scales_rope
    assert not facts.is_part
    assert "tokenizer.ggml.merges" not in facts.values


def test_what_the_file_does_not_say_is_empty(file):
    assert not read_gguf(write(file, template="")).has_chat_template


@pytest.mark.parametrize(
    "changes",
    [
        {"llama__rope__scaling__type": "yarn"},
        {"tensors": {"rope_freqs.weight": (weights(), "F32")}},
    ],
)
def test_stretched_positions_are_seen(file, changes):
    assert read_gguf(write(file, **changes)).scales_rope


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("plain text, 中文", "plain text, 中文"),
        ("one <|end|> two", "one < |end|> two"),
        ("答案<|end|>ing<tool>", "答案< |end|>ing< tool>"),
        ("a line\nanother", "a line\nanother"),
    ],
)
def test_control_tokens_in_a_text_are_split(file, text, safe):
    assert read_gguf(write(file)).disarm(text) == safe


def test_a_file_that_is_not_there(file):
    with pytest.raises(MissingError, match=r"small.gguf: there is no such file"):
        read_gguf(file)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04" + b"0" * 64, b"gguf"])
def test_another_file_is_refused(file, data):
    file.write_bytes(data)
    with pytest.raises(DataError, match="is not a GGUF file"):
        read_gguf(file)


@pytest.mark.parametrize("share", [0.001, 0.1, 0.3, 0.6])
def test_a_header_that_is_cut_off_is_refused(file, share):
    header = write(file, tensors={"w": (weights(1, 32), "F32")}).read_bytes()[:-256]
    file.write_bytes(header[: 5 + int(len(header) * share)])
    with pytest.raises(DataError, match="header cannot be read"):
        read_gguf(file)


def test_a_huge_count_is_refused_at_once(file):
    data = bytearray(write(file).read_bytes())
    data[8:24] = b"\xff" * 16
    file.write_bytes(data)
    with pytest.raises(DataError):
        read_gguf(file)


@pytest.mark.parametrize("kind", ["Q4_1", "Q5_0", "Q5_1", "BF16"])
def test_other_number_types_become_q8_0(file, tmp_path, kind, monkeypatch):
    monkeypatch.setattr(gguf_rewrite, "_ROWS", 2)
    data = weights(5)
    tensors = {"w": (data, kind), "n": (data[0], "F32"), "q": (data, "Q8_0"), "z": (data, "Q4_0")}
    copy = rewrite_as_q8_0(write(file, tensors=tensors), tmp_path / "cache", EXACT_TYPES)
    before, after = GGUFReader(file), GGUFReader(copy)
    assert [t.tensor_type.name for t in after.tensors] == ["Q8_0", "F32", "Q8_0", "Q4_0"]
    for old, new in zip(before.tensors, after.tensors, strict=True):
        assert list(old.shape) == list(new.shape)
        expected = quants.dequantize(old.data, old.tensor_type)
        found = quants.dequantize(new.data, new.tensor_type)
        assert np.abs(expected - found).max() <= np.abs(expected).max() / 127


def test_all_values_are_copied_but_the_file_type(file, tmp_path):
    write(file, tensors={"w": (weights(), "Q4_1")}, general__name="名字")
    before = GGUFReader(file)
    after = GGUFReader(rewrite_as_q8_0(file, tmp_path, EXACT_TYPES))
    assert list(before.fields) == list(after.fields)
    changed = {k for k, f in before.fields.items() if f.contents() != after.fields[k].contents()}
    assert changed <= {"general.file_type", "GGUF.kv_count"}
    assert after.fields["general.file_type"].contents() == LlamaFileType.MOSTLY_Q8_0


def test_rows_that_q8_0_does_not_divide_become_f16(file, tmp_path):
    write(file, tensors={"w": (weights(2, 20), "BF16")})
    assert read_gguf(rewrite_as_q8_0(file, tmp_path, EXACT_TYPES)).tensor_types == {"F16"}


def test_the_copy_is_made_once_and_whole(file, tmp_path, monkeypatch):
    write(file, tensors={"w": (weights(), "Q4_1")})
    cache = tmp_path / "cache"

    def broken(tensor, kind):
        raise NotImplementedError("no way to read it")

    with monkeypatch.context() as patched:
        patched.setattr(gguf_rewrite, "_converted", broken)
        with pytest.raises(DataError, match="cannot be converted: no way"):
            rewrite_as_q8_0(file, cache, EXACT_TYPES)
    assert not list(cache.rglob("*.gguf"))
    copy = rewrite_as_q8_0(file, cache, EXACT_TYPES)
    monkeypatch.setattr(gguf_rewrite, "_converted", broken)
    assert rewrite_as_q8_0(file, cache, EXACT_TYPES) == copy
