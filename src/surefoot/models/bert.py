"""Builds a network of the BERT family on OpenVINO straight from a safetensors folder.

Word embeddings stay outside the graph, as rows of the mapped file: the graph's inputs are the looked-up rows
(batch x length x hidden, float32) and the mask (batch x length, float32, 1 = token).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from surefoot.core.errors import DataError
from surefoot.models.openvino import operations, runtime
from surefoot.models.tensors import Tensors

if TYPE_CHECKING:
    from numpy.typing import NDArray

Pooling = Literal["mean", "cls"]
PREFIXES = ("", "bert.", "roberta.", "xlm-roberta.")
MASKED = -1e9


@dataclass(frozen=True, slots=True)
class BertShape:
    """What config.json says. `first_position` is 0, or `pad + 1` in the RoBERTa line."""

    hidden: int
    layers: int
    heads: int
    epsilon: float
    positions: int
    first_position: int
    activation: str

    @property
    def max_tokens(self) -> int:
        """The longest input, special tokens included."""
        return self.positions - self.first_position


def read_shape(folder: Path) -> BertShape:
    """Reads config.json.

    Raises:
        DataError: the network is not of the BERT family, or uses what this builder does not know.
    """
    file = folder / "config.json"
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise DataError(f"cannot be read: {problem}", where=str(file)) from None
    kind = config.get("model_type", "bert")
    if kind not in ("bert", "roberta", "xlm-roberta"):
        raise DataError(
            f"holds a {kind} network", where=str(file), hint="bert, roberta and xlm-roberta load"
        )
    if config.get("position_embedding_type", "absolute") != "absolute":
        raise DataError("has relative positions, which are not supported", where=str(file))
    return BertShape(
        hidden=config["hidden_size"],
        layers=config["num_hidden_layers"],
        heads=config["num_attention_heads"],
        epsilon=config.get("layer_norm_eps", 1e-12),
        positions=config["max_position_embeddings"],
        first_position=0 if kind == "bert" else config.get("pad_token_id", 1) + 1,
        activation=config.get("hidden_act", "gelu"),
    )


class BertGraph:
    """Builds the graph of one folder."""

    def __init__(self, folder: Path) -> None:
        self.shape = read_shape(folder)
        self.tensors = Tensors(folder)
        self._where = str(folder)
        table = "embeddings.word_embeddings.weight"
        found = [prefix for prefix in PREFIXES if prefix + table in self.tensors]
        if not found:
            raise DataError(f"has no tensor {table}", where=str(folder))
        self._prefix = found[0]
        self.words: NDArray[Any] = self.tensors[self._prefix + table]

    def encoder(self, pooling: Pooling) -> Any:
        """The graph that gives one unit vector a text (batch x hidden)."""
        ops = operations()

        rows, mask, states = self._body()
        if pooling == "cls":
            pooled = self._first(states)
        else:
            weights = ops.unsqueeze(mask, 2)
            total = ops.reduce_sum(ops.multiply(states, weights), 1, keep_dims=False)
            pooled = ops.divide(total, ops.reduce_sum(weights, 1, keep_dims=False))
        unit = ops.normalize_l2(pooled, self._whole([1]), 1e-12, "max")
        return self._model([unit], [rows, mask])

    def token_encoder(self) -> Any:
        """The graph that gives one unit vector a token (batch x length x hidden)."""
        ops = operations()

        rows, mask, states = self._body()
        unit = ops.normalize_l2(states, self._whole([2]), 1e-12, "max")
        return self._model([unit], [rows, mask])

    def second_kind(self) -> NDArray[Any]:
        """What is added to the rows of a pair's second text, which the graph takes for the first; 0 for RoBERTa."""
        kinds = self._tensor("embeddings.token_type_embeddings.weight")
        apart = len(kinds) > 1 and not self.shape.first_position
        second: NDArray[Any] = kinds[1 if apart else 0] - kinds[0]
        return second

    def classifier(self) -> Any:
        """The graph that gives the logits of a sequence classification head (batch x labels)."""
        ops = operations()

        rows, mask, states = self._body()
        first = self._first(states)
        if "classifier.weight" in self.tensors:
            pooled = ops.tanh(self._dense(first, "pooler.dense"))
            logits = self._plain_dense(pooled, "classifier")
        elif "classifier.out_proj.weight" not in self.tensors:
            raise DataError("has no classifier behind the network", where=self._where)
        else:
            inner = ops.tanh(self._plain_dense(first, "classifier.dense"))
            logits = self._plain_dense(inner, "classifier.out_proj")
        return self._model([logits], [rows, mask])

    def _body(self) -> tuple[Any, Any, Any]:
        import numpy as np

        ops = operations()

        rows = ops.parameter([-1, -1, self.shape.hidden], np.float32, name="rows")
        mask = ops.parameter([-1, -1], np.float32, name="mask")
        states = self._embed(rows)
        hidden_from = ops.multiply(ops.subtract(self._real(1), mask), self._real(MASKED))
        bias = ops.unsqueeze(hidden_from, self._whole([1, 2]))
        for layer in range(self.shape.layers):
            states = self._layer(states, bias, f"encoder.layer.{layer}.")
        return rows, mask, states

    def _embed(self, rows: Any) -> Any:
        ops = operations()

        first = self.shape.first_position
        table = self._tensor("embeddings.position_embeddings.weight")[first:]
        kinds = self._tensor("embeddings.token_type_embeddings.weight")
        constant = self._constant(table + kinds[0])
        length = ops.gather(ops.shape_of(rows), self._whole([1]), self._whole(0))
        places = ops.slice(constant, self._whole([0]), length, self._whole([1]), self._whole([0]))
        return self._norm(ops.add(rows, ops.unsqueeze(places, 0)), "embeddings.LayerNorm")

    def _layer(self, states: Any, bias: Any, at: str) -> Any:
        ops = operations()

        attended = self._attention(states, bias, at + "attention.self.")
        joined = self._dense(attended, at + "attention.output.dense")
        states = self._norm(ops.add(joined, states), at + "attention.output.LayerNorm")
        inner = self._activate(self._dense(states, at + "intermediate.dense"))
        outer = self._dense(inner, at + "output.dense")
        return self._norm(ops.add(outer, states), at + "output.LayerNorm")

    def _attention(self, states: Any, bias: Any, at: str) -> Any:
        ops = operations()

        width = self.shape.hidden // self.shape.heads
        split = self._whole([0, 0, self.shape.heads, width])
        turned = self._whole([0, 2, 1, 3])
        query, key, value = (
            ops.transpose(ops.reshape(self._dense(states, at + part), split, True), turned)
            for part in ("query", "key", "value")
        )
        scores = ops.matmul(query, key, False, True)
        scaled = ops.multiply(scores, self._real(width**-0.5))
        weights = ops.softmax(ops.add(scaled, bias), 3)
        mixed = ops.transpose(ops.matmul(weights, value, False, False), turned)
        return ops.reshape(mixed, self._whole([0, 0, self.shape.hidden]), True)

    def _activate(self, states: Any) -> Any:
        ops = operations()

        if self.shape.activation == "gelu":
            return ops.gelu(states, "erf")
        if self.shape.activation in ("gelu_new", "gelu_pytorch_tanh"):
            return ops.gelu(states, "tanh")
        if self.shape.activation == "relu":
            return ops.relu(states)
        raise DataError(f"the activation {self.shape.activation} is not supported")

    def _dense(self, states: Any, name: str) -> Any:
        return self._plain_dense(states, self._prefix + name)

    def _plain_dense(self, states: Any, name: str) -> Any:
        ops = operations()

        weight = self._constant(self.tensors[name + ".weight"])
        product = ops.matmul(states, weight, False, True)
        return ops.add(product, self._constant(self.tensors[name + ".bias"]))

    def _norm(self, states: Any, name: str) -> Any:
        ops = operations()

        spread = ops.mvn(states, self._whole([2]), True, self.shape.epsilon, "inside_sqrt")
        scaled = ops.multiply(spread, self._constant(self._tensor(name + ".weight")))
        return ops.add(scaled, self._constant(self._tensor(name + ".bias")))

    def _first(self, states: Any) -> Any:
        ops = operations()

        return ops.gather(states, self._whole(0), self._whole(1))

    def _tensor(self, name: str) -> NDArray[Any]:
        return self.tensors[self._prefix + name]

    def _constant(self, values: NDArray[Any]) -> Any:
        import numpy as np

        ops = operations()

        return ops.constant(np.asarray(values, dtype=np.float32), shared_memory=True)

    def _whole(self, values: int | list[int]) -> Any:
        import numpy as np

        ops = operations()

        return ops.constant(np.asarray(values, dtype=np.int64))

    def _real(self, value: float) -> Any:
        import numpy as np

        ops = operations()

        return ops.constant(np.float32(value))

    def _model(self, results: list[Any], inputs: list[Any]) -> Any:
        return runtime().Model(results, inputs, "bert")
