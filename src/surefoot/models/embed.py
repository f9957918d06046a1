"""Encoders that run on this machine: BERT-family networks on OpenVINO."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, PositiveInt

from surefoot.config.base import ModelName, PartSettings
from surefoot.config.catalog import load_catalog
from surefoot.core.digest import digest_json
from surefoot.core.errors import ConfigError, DataError, MissingError
from surefoot.models.base import ModelEnv
from surefoot.models.fetch import fetch
from surefoot.models.tokens import Tokens
from surefoot.models.weights import model_digest

if TYPE_CHECKING:
    from surefoot.core.roles import Vectors

Pooling = Literal["mean", "cls"]
BATCH_TOKENS = 1024
BATCH_TEXTS = 64
READY = "ready"


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
        self._precision = settings.precision
        self._threads = env.threads
        self._opening = Lock()
        self._opened: _Network | None = None
        self.digest = _digest(settings, self._recipe, env)
        self.dimensions = read_shape(self._recipe.folder).hidden

    @property
    def max_tokens(self) -> int:
        """The longest text that is not cut, prefix and special tokens included."""
        return self._recipe.max_tokens

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors (n x dimensions, float32) of texts to be found."""
        return self._network.embed([self._recipe.passage_prefix + text for text in texts])

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors (n x dimensions, float32) of questions."""
        return self._network.embed([self._recipe.query_prefix + text for text in texts])

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

    @property
    def _network(self) -> _Network:
        with self._opening:
            if self._opened is None:
                self._opened = _Network(self._recipe, self._precision, self._threads)
            return self._opened


class _Network:
    """Tokenizer and compiled graph of one recipe."""

    def __init__(self, recipe: Recipe, precision: str, threads: int) -> None:
        from surefoot.models.bert import BertGraph
        from surefoot.models.openvino import compile_graph

        graph = BertGraph(recipe.folder)
        self._words = graph.words
        self._max_tokens = recipe.max_tokens
        built = graph.encoder(recipe.pooling)
        self._compiled: Any = compile_graph(built, precision, threads=threads, keep=recipe.keep)
        self._request: Any = self._compiled.create_infer_request()
        self._lock = Lock()
        self.dimensions = graph.shape.hidden
        self.tokens = Tokens(recipe.folder, recipe.keep)

    def embed(self, texts: Sequence[str]) -> Vectors:
        import numpy as np

        vectors = np.empty((len(texts), self.dimensions), np.float32)
        ids = [self._cut(row) for row in self.tokens.encode(texts)]
        for batch in batches([len(row) for row in ids]):
            vectors[batch] = self._infer([ids[i] for i in batch])
        return vectors

    def close(self) -> None:
        self._request = self._compiled = None

    def _cut(self, ids: list[int]) -> list[int]:
        if len(ids) <= self._max_tokens:
            return ids
        return [*ids[: self._max_tokens - 1], ids[-1]]

    def _infer(self, ids: list[list[int]]) -> Vectors:
        import numpy as np

        width = max(map(len, ids))
        mask = np.zeros((len(ids), width), np.float32)
        rows = np.zeros((len(ids), width, self._words.shape[1]), np.float32)
        for i, row in enumerate(ids):
            mask[i, : len(row)] = 1
            rows[i, : len(row)] = self._words[row]
        with self._lock:
            result: Vectors = self._request.infer({0: rows, 1: mask})[0]
            return result.copy()


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Positions in groups of similar length, longest first, of at most BATCH_TOKENS padded tokens each."""
    order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    start = 0
    while start < len(order):
        size = max(1, min(BATCH_TEXTS, BATCH_TOKENS // max(1, lengths[order[start]])))
        yield order[start : start + size]
        start += size


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
        folder = Path(settings.model).expanduser()
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
        env.cache / f"{READY}-{digest_json(str(folder.resolve()))}",
        pooling,
        said.get("query", ""),
        said.get("passage", said.get("document", "")),
        min(longest, _json(folder / "sentence_bert_config.json").get("max_seq_length") or longest),
    )


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
