"""Rerankers that read question and text together on this machine: BERT-family classifiers on OpenVINO."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from pydantic import PositiveInt

from surefoot.config.base import ModelName, PartSettings
from surefoot.config.catalog import load_catalog
from surefoot.core.errors import DataError, MissingError
from surefoot.core.metering import tokens_read
from surefoot.models.base import READY, ModelEnv
from surefoot.models.embed import told_lengths
from surefoot.models.fetch import fetch
from surefoot.models.inference import Inference, batches

if TYPE_CHECKING:
    from numpy.typing import NDArray


class CrossEncoderSettings(PartSettings):
    """Reads question and passage together with a BERT-family model: a folder with safetensors, config and tokenizer.

    A network of one label gives its logit; of two, how far the second is above the first. `precision = "auto"` is bf16
    where the processor has it. Pairs are as long as the folder's tokenizer says, which is what the network learnt from;
    `max_tokens` replaces it.
    """

    kind: Literal["cross-encoder"] = "cross-encoder"
    model: ModelName
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    max_tokens: PositiveInt | None = None


class CrossEncoder:
    """Scores texts against a question; the network opens with the first. Of a long text the beginning is read."""

    Settings = CrossEncoderSettings

    def __init__(self, settings: CrossEncoderSettings, env: ModelEnv) -> None:
        self._settings = settings
        self._env = env
        self._opening = Lock()
        self._opened: _Pairs | None = None

    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """One logit a text, in the order of the texts; higher is better.

        Raises:
            MissingError: there is no such model, or files of it are missing.
            DataError: it is no classifier of the BERT family with one or two labels.
        """
        return self._network.score(query, texts) if texts else []

    def close(self) -> None:
        """Frees the network."""
        with self._opening:
            self._opened = None

    @property
    def _network(self) -> _Pairs:
        with self._opening:
            if self._opened is None:
                folder, keep = _folder(self._settings.model, self._env)
                self._opened = _Pairs(folder, keep, self._settings, self._env.threads)
            return self._opened


class _Pairs:
    """Tokenizer and compiled graph of one folder."""

    def __init__(
        self, folder: Path, keep: Path, settings: CrossEncoderSettings, threads: int
    ) -> None:
        from tokenizers import Tokenizer

        from surefoot.models.bert import BertGraph
        from surefoot.models.openvino import compile_graph

        graph = BertGraph(folder)
        told = (settings.max_tokens,) if settings.max_tokens else tuple(told_lengths(folder))
        self._longest = min([graph.shape.max_tokens, *told])
        self._kind = graph.second_kind()
        self._where = str(folder)
        built = graph.classifier()
        compiled = compile_graph(built, settings.precision, threads=threads, keep=keep)
        self._inference = Inference(compiled, graph.words)
        self._tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        asked = self._shortened(query)
        pairs = [self._pair(asked, text) for text in texts]
        tokens_read(sum(len(ids) for ids, _ in pairs))
        scores = [0.0] * len(texts)
        for batch in batches([len(ids) for ids, _ in pairs]):
            logits = self._inference.run(
                [pairs[i][0] for i in batch],
                second=[pairs[i][1] for i in batch],
                kind=self._kind,
            )
            for i, score in zip(batch, self._relevant(logits), strict=True):
                scores[i] = float(score)
        return scores

    def _pair(self, query: str, text: str) -> tuple[list[int], int]:
        """The ids of both, the text cut where they are too many, and the place where the text begins."""
        found = self._tokenizer.encode(query, text)
        ids: list[int] = found.ids
        kinds: list[int] = found.type_ids
        second = kinds.index(1) if 1 in kinds else len(ids)
        own = [i for i, part in enumerate(found.sequence_ids) if part == 1]
        over = len(ids) - self._longest
        if over > 0 and own:
            ids = ids[: own[-1] + 1 - over] + ids[own[-1] + 1 :]
        return ids, second

    def _shortened(self, query: str) -> str:
        """The question, cut where it would leave less than half of the room for the text."""
        room = self._longest // 2
        found = self._tokenizer.encode(query, add_special_tokens=False)
        return query if len(found.ids) <= room else query[: found.offsets[room - 1][1]]

    def _relevant(self, logits: NDArray[Any]) -> NDArray[Any]:
        labels = logits.shape[1]
        if labels == 1:
            return logits[:, 0]
        if labels == 2:
            difference: NDArray[Any] = logits[:, 1] - logits[:, 0]
            return difference
        raise DataError(f"has {labels} labels", where=self._where, hint="rerankers have one or two")


def _folder(model: str, env: ModelEnv) -> tuple[Path, Path]:
    """The folder of a model, and where what is made ready of it is kept."""
    catalog = load_catalog()
    if model in catalog:
        folder = fetch(catalog.get(model, "reranker"), env)
        return folder, folder / READY
    folder = env.place(model)
    for name in ("config.json", "tokenizer.json"):
        if not (folder / name).is_file():
            raise MissingError(
                f"has no {name}",
                where=model,
                hint="name a folder with config.json, tokenizer.json and safetensors",
            )
    return folder, env.ready(folder)
