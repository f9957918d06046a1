"""The graph against the same network written in plain numpy."""

import json
from math import erf

import numpy as np
import pytest

from surefoot.core.errors import DataError
from surefoot.models.bert import BertGraph, read_shape
from surefoot.models.openvino import compile_graph
from surefoot.testing.tiny_bert import HEADS, HIDDEN, LAYERS, PLACES, make_tiny_bert

TEXTS = [[3, 5, 7, 11, 2], [4, 9], [1]]


def norm(x, t, at):
    spread = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
    return spread * t[f"{at}.weight"] + t[f"{at}.bias"]


def dense(x, t, at):
    return x @ t[f"{at}.weight"].T + t[f"{at}.bias"]


def states(ids, t, first=0):
    """The last hidden states of one unpadded text."""
    gelu = np.vectorize(lambda v: v * 0.5 * (1 + erf(v / 2**0.5)))
    x = t["embeddings.word_embeddings.weight"][ids]
    x = x + t["embeddings.position_embeddings.weight"][first : first + len(ids)]
    x = norm(x + t["embeddings.token_type_embeddings.weight"][0], t, "embeddings.LayerNorm")
    for i in range(LAYERS):
        at = f"encoder.layer.{i}."
        q, k, v = (
            dense(x, t, f"{at}attention.self.{p}").reshape(len(ids), HEADS, -1).swapaxes(0, 1)
            for p in ("query", "key", "value")
        )
        scores = q @ k.swapaxes(1, 2) / (HIDDEN // HEADS) ** 0.5
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        mixed = (weights @ v).swapaxes(0, 1).reshape(len(ids), HIDDEN)
        mixed = dense(mixed, t, f"{at}attention.output.dense")
        x = norm(mixed + x, t, f"{at}attention.output.LayerNorm")
        inner = gelu(dense(x, t, f"{at}intermediate.dense"))
        x = norm(dense(inner, t, f"{at}output.dense") + x, t, f"{at}output.LayerNorm")
    return x


def run(graph, words, keep):
    width = max(map(len, TEXTS))
    rows = np.zeros((len(TEXTS), width, HIDDEN), np.float32)
    mask = np.zeros((len(TEXTS), width), np.float32)
    for i, ids in enumerate(TEXTS):
        rows[i, : len(ids)], mask[i, : len(ids)] = words[ids], 1
    compiled = compile_graph(graph, "fp32", threads=1, keep=keep)
    return compiled.create_infer_request().infer({0: rows, 1: mask})[0].copy()


@pytest.mark.parametrize("pooling", ["mean", "cls"])
@pytest.mark.parametrize(
    ("kind", "prefix", "first"),
    [("bert", "", 0), ("bert", "bert.", 0), ("xlm-roberta", "roberta.", 1)],
)
def test_padded_batches_equal_the_plain_network(tmp_path, kind, prefix, first, pooling):
    tensors = make_tiny_bert(tmp_path / "m", kind, prefix)
    graph = BertGraph(tmp_path / "m")
    found = run(graph.encoder(pooling), graph.words, tmp_path / "ready")
    for vector, ids in zip(found, TEXTS, strict=True):
        last = states(ids, tensors, first)
        expected = last.mean(0) if pooling == "mean" else last[0]
        np.testing.assert_allclose(vector, expected / np.linalg.norm(expected), atol=1e-5)


def test_the_head_of_a_cross_encoder(tmp_path):
    head = (("bert.pooler.dense", HIDDEN, HIDDEN), ("classifier", 1, HIDDEN))
    t = make_tiny_bert(tmp_path / "m", "bert", "bert.", head)
    graph = BertGraph(tmp_path / "m")
    found = run(graph.classifier(), graph.words, tmp_path / "ready")
    for logits, ids in zip(found, TEXTS, strict=True):
        pooled = np.tanh(dense(states(ids, t)[0], t, "pooler.dense"))
        np.testing.assert_allclose(logits, dense(pooled, t, "classifier"), atol=1e-5)


def test_the_head_of_the_roberta_line(tmp_path):
    head = (("classifier.dense", HIDDEN, HIDDEN), ("classifier.out_proj", 1, HIDDEN))
    t = make_tiny_bert(tmp_path / "m", "xlm-roberta", "roberta.", head)
    graph = BertGraph(tmp_path / "m")
    found = run(graph.classifier(), graph.words, tmp_path / "ready")
    for logits, ids in zip(found, TEXTS, strict=True):
        inner = np.tanh(dense(states(ids, t, 1)[0], t, "classifier.dense"))
        np.testing.assert_allclose(logits, dense(inner, t, "classifier.out_proj"), atol=1e-5)


def test_shapes_that_do_not_load_say_why(tmp_path):
    make_tiny_bert(tmp_path, "t5")
    with pytest.raises(DataError, match="t5"):
        read_shape(tmp_path)
    said = {"model_type": "bert", "position_embedding_type": "relative_key"}
    (tmp_path / "config.json").write_text(json.dumps(said))
    with pytest.raises(DataError, match="relative positions"):
        read_shape(tmp_path)
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(DataError, match="cannot be read"):
        read_shape(tmp_path)


def test_the_longest_text_of_the_roberta_line_is_shorter_by_its_offset(tmp_path):
    make_tiny_bert(tmp_path, "roberta")
    assert read_shape(tmp_path).max_tokens == PLACES - 1
