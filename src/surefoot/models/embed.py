"""Encoders that run on this machine: BERT-family networks on OpenVINO."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import Field, PositiveInt

from surefoot.config.base import Asking, ModelName, PartSettings
from surefoot.config.catalog import load_catalog
from surefoot.core.digest import digest_json
from surefoot.core.errors import ConfigError, DataError, MissingError
from surefoot.core.metering import tokens_read
from surefoot.core.roles import TokenVectors
from surefoot.models.base import READY, ModelEnv
from surefoot.models.fetch import fetch
from surefoot.models.inference import Inference, batches
from surefoot.models.tensors import Tensors
from surefoot.models.tokens import Tokens
from surefoot.models.weights import model_digest

if TYPE_CHECKING:
    from surefoot.core.roles import Vectors

Pooling = Literal["mean", "cls"]
QUERY_MATRIX = "query.safetensors"
"""In a folder of `query_model`, in place of a network: what the base's vectors of questions are turned by."""
LENGTHS = (
    ("sentence_bert_config.json", "max_seq_length"),
    ("tokenizer_config.json", "model_max_length"),
)
T = TypeVar("T")


class LocalSettings(PartSettings):
    """A BERT-family encoder: an alias of the catalog, or a folder with safetensors, config.json and tokenizer.json.

    Pooling, prefixes and length come from the catalog or the folder; a value here replaces them. `precision = "auto"`
    is bf16 where the processor has it, else fp32: cosines differ by less than 0.001, so it does not change the digest
    and machines of both sorts share an index. A precision that is named does change it.
    """

    kind: Literal["local"] = "local"
    model: ModelName = Field(default_factory=lambda: load_catalog().default("embedding"))
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    pooling: Pooling | None = None
    query_prefix: str | None = None
    passage_prefix: str | None = None
    max_tokens: PositiveInt | None = None
    query_model: Annotated[ModelName | None, Asking()] = Field(
        default=None,
        description="a folder of weights that were tuned to read questions; passages are read by `model`",
    )


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a network's output becomes vectors of texts. `keep` is where what was made ready may be left."""

    folder: Path
    keep: Path
    pooling: Pooling
    query_prefix: str
    passage_prefix: str
    max_tokens: int


class LocalEncoder:
    """Embeds texts on the processor; the network opens with the first text. Threads take turns."""

    Settings = LocalSettings

    def __init__(self, settings: LocalSettings, env: ModelEnv) -> None:
        from surefoot.models.bert import read_shape

        self._recipe = read_recipe(settings, env)
        self._asking = _query_encoder(settings, env)
        self._matrix = _query_matrix(settings, env)
        self._precision = settings.precision
        self._threads = env.threads
        self._opening = Lock()
        self._opened: _Network | None = None
        self.digest = _digest(settings, self._recipe, env)
        self.dimensions = read_shape(self._recipe.folder).hidden
        if self._asking is not None and self._asking.dimensions != self.dimensions:
            raise ConfigError(
                f"gives {self._asking.dimensions} numbers, {settings.model} {self.dimensions}",
                where=f"query_model {settings.query_model}",
                hint="take weights that were tuned from this model",
            )

    @property
    def max_tokens(self) -> int:
        """The longest text that is not cut, prefix and special tokens included."""
        return self._recipe.max_tokens

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors (n x dimensions, float32) of texts to be found."""
        return self._network.embed([self._recipe.passage_prefix + text for text in texts])

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors (n x dimensions, float32) of questions."""
        if self._asking is not None:
            return self._asking.embed_queries(texts)
        vectors = self._network.embed([self._recipe.query_prefix + text for text in texts])
        return vectors if self._matrix is None else turned(vectors, self._matrix)

    def embed_tokens(
        self, texts: Sequence[str], side: Literal["query", "passage"]
    ) -> list[TokenVectors]:
        """The unit vectors of each text's tokens, without those of prefix and special tokens."""
        if side == "query" and self._asking is not None:
            return self._asking.embed_tokens(texts, side)
        recipe = self._recipe
        prefix = recipe.query_prefix if side == "query" else recipe.passage_prefix
        return self._network.embed_tokens(texts, prefix)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text as a passage, prefix and special tokens included, nothing cut."""
        prefix = self._recipe.passage_prefix
        return [len(ids) for ids in self._network.tokens.encode([prefix + text for text in texts])]

    def close(self) -> None:
        """Frees the network."""
        with self._opening:
            if self._opened is not None:
                self._opened.close()
                self._opened = None
        if self._asking is not None:
            self._asking.close()

    @property
    def _network(self) -> _Network:
        with self._opening:
            if self._opened is None:
                self._opened = _Network(self._recipe, self._precision, self._threads)
            return self._opened


def _query_encoder(settings: LocalSettings, env: ModelEnv) -> LocalEncoder | None:
    """What reads questions, where it is another network."""
    name = settings.query_model
    if name is None or (env.place(name) / QUERY_MATRIX).is_file():
        return None
    asked = {"model": name, "query_model": None}
    return LocalEncoder(settings.model_copy(update=asked), env)


def _query_matrix(settings: LocalSettings, env: ModelEnv) -> Vectors | None:
    """What the vectors of questions are turned by, where that is all that was tuned."""
    folder = env.place(settings.query_model) if settings.query_model else None
    if folder is None or not (folder / QUERY_MATRIX).is_file():
        return None
    return Tensors(folder)["matrix"]


def turned(vectors: Vectors, matrix: Vectors) -> Vectors:
    """Unit vectors (n x dimensions) behind a matrix (dimensions x dimensions), unit vectors again."""
    import numpy as np

    made = vectors @ matrix
    unit: Vectors = made / np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1e-12)
    return unit


class _Network:
    """Tokenizer and compiled graphs of one recipe; the graph of token vectors opens when it is asked for."""

    def __init__(self, recipe: Recipe, precision: str, threads: int) -> None:
        from surefoot.models.bert import BertGraph

        graph = BertGraph(recipe.folder)
        self._graph = graph
        self._recipe = recipe
        self._compiling = (precision, threads)
        self._opening = Lock()
        self._pooled = self._compiled(graph.encoder(recipe.pooling))
        self._by_token: Inference | None = None
        self.dimensions = graph.shape.hidden
        self.tokens = Tokens(recipe.folder, recipe.keep)

    def embed(self, texts: Sequence[str]) -> Vectors:
        import numpy as np

        vectors = np.empty((len(texts), self.dimensions), np.float32)
        ids = [self._cut(row) for row in self.tokens.encode(texts)]
        tokens_read(sum(map(len, ids)))
        for batch in batches([len(row) for row in ids]):
            vectors[batch] = self._pooled.run([ids[i] for i in batch])
        return vectors

    def embed_tokens(self, texts: Sequence[str], prefix: str) -> list[TokenVectors]:
        read = self.tokens.spans([prefix + text for text in texts])
        ids = [self._cut(row) for row, _ in read]
        tokens_read(sum(map(len, ids)))
        found: dict[int, TokenVectors] = {}
        for batch in batches([len(row) for row in ids]):
            vectors = self._tokenwise.run([ids[i] for i in batch])
            for row, i in zip(vectors, batch, strict=True):
                found[i] = _own_tokens(row, self._cut(read[i][1]), len(prefix))
        return [found[i] for i in range(len(texts))]

    def close(self) -> None:
        del self._pooled, self._by_token

    @property
    def _tokenwise(self) -> Inference:
        with self._opening:
            if self._by_token is None:
                self._by_token = self._compiled(self._graph.token_encoder())
            return self._by_token

    def _compiled(self, built: Any) -> Inference:
        from surefoot.models.openvino import compile_graph

        precision, threads = self._compiling
        compiled = compile_graph(built, precision, threads=threads, keep=self._recipe.keep)
        return Inference(compiled, self._graph.words)

    def _cut(self, row: list[T]) -> list[T]:
        longest = self._recipe.max_tokens
        return row if len(row) <= longest else [*row[: longest - 1], row[-1]]


def _own_tokens(row: Vectors, spans: Sequence[tuple[int, int]], prefix: int) -> TokenVectors:
    """Leaves out the prefix, special tokens (which stand for no characters) and padding."""
    own = [i for i, (start, end) in enumerate(spans) if end > max(start, prefix)]
    kept = tuple((max(0, spans[i][0] - prefix), spans[i][1] - prefix) for i in own)
    return TokenVectors(kept, row[own])


def read_recipe(settings: LocalSettings, env: ModelEnv) -> Recipe:
    """What the catalog or the folder says of the model, with the settings on top.

    Raises:
        MissingError: there is neither such an alias nor such a folder, or the weights cannot be had.
        ConfigError: nothing says how a folder pools.
    """
    catalog = load_catalog()
    if settings.model in catalog:
        card = catalog.get(settings.model, "embedding")
        folder = fetch(card, env)
        found = Recipe(
            folder,
            folder / READY,
            card.pooling or "mean",
            card.query_prefix,
            card.passage_prefix,
            card.context_tokens,
        )
    else:
        folder = env.place(settings.model)
        if not folder.is_dir():
            catalog.get(settings.model, "embedding")
        found = _folder_recipe(folder, settings, env)
    return Recipe(
        found.folder,
        found.keep,
        settings.pooling or found.pooling,
        _either(settings.query_prefix, found.query_prefix),
        _either(settings.passage_prefix, found.passage_prefix),
        min(found.max_tokens, settings.max_tokens or found.max_tokens),
    )


def _folder_recipe(folder: Path, settings: LocalSettings, env: ModelEnv) -> Recipe:
    from surefoot.models.bert import read_shape

    for name in ("config.json", "tokenizer.json"):
        if not (folder / name).is_file():
            raise MissingError(f"has no {name}", where=str(folder))
    _refuse_further_layers(folder)
    pooling = settings.pooling or _folder_pooling(folder)
    if pooling is None:
        raise ConfigError(
            "nothing says how the vectors of tokens are pooled",
            where=str(folder),
            hint='set pooling = "mean" or "cls"',
        )
    said = _json(folder / "config_sentence_transformers.json").get("prompts") or {}
    longest = read_shape(folder).max_tokens
    return Recipe(
        folder,
        env.ready(folder),
        pooling,
        said.get("query", ""),
        said.get("passage", said.get("document", "")),
        min([longest, *told_lengths(folder)]),
    )


def told_lengths(folder: Path) -> Iterator[int]:
    """The longest text by each file that may say it; other files say more than any network reads."""
    for file, key in LENGTHS:
        told = _json(folder / file).get(key)
        if told:
            yield int(told)


def _refuse_further_layers(folder: Path) -> None:
    modules: Any = _json(folder / "modules.json")
    for module in modules:
        kind = str(module.get("type", "")).rsplit(".", 1)[-1]
        if kind not in ("Transformer", "Pooling", "Normalize"):
            raise DataError(f"has a {kind} layer behind the network", where=str(folder))


def _folder_pooling(folder: Path) -> Pooling | None:
    said = _json(folder / "1_Pooling" / "config.json")
    if said.get("pooling_mode_cls_token") or said.get("pooling_mode") == "cls":
        return "cls"
    if said.get("pooling_mode_mean_tokens") or said.get("pooling_mode") == "mean":
        return "mean"
    return None


def _json(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _either(first: str | None, second: str) -> str:
    return second if first is None else first


def _digest(settings: LocalSettings, recipe: Recipe, env: ModelEnv) -> str:
    said = [recipe.pooling, recipe.query_prefix, recipe.passage_prefix, recipe.max_tokens]
    named = [] if settings.precision == "auto" else [settings.precision]
    return digest_json([model_digest(settings.model, env), said, named])
