"""Trains a cross-encoder from an encoder: it reads question and passage together, and serves without torch."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar, Literal, cast

from surefoot.core.errors import DataError
from surefoot.models.base import ModelEnv
from surefoot.models.cross_encoder import CrossEncoder, CrossEncoderSettings
from surefoot.models.embed import LocalEncoder, LocalSettings
from surefoot.tune.artefact import FOLDERS, Trained, write_card
from surefoot.tune.encoder.base_folder import TOKENIZER, BaseEncoder, prepare_base
from surefoot.tune.encoder.bench import scratch
from surefoot.tune.encoder.card import encoder_card
from surefoot.tune.encoder.looks import Look, cluster_of, mean, ndcg, write_looks
from surefoot.tune.encoder.pairs import (
    Columns,
    lesson,
    list_columns,
    margin_columns,
    single_columns,
)
from surefoot.tune.encoder.settings import RerankerSettings
from surefoot.tune.encoder.training import (
    Course,
    Lessons,
    Score,
    fit,
    plain_network,
    prepare_network,
)
from surefoot.tune.rows import PairRow, TuningRows
from surefoot.tune.spec import JobSpec, Tell
from surefoot.tune.torch_family import require_torch

WEIGHTS = FOLDERS["safetensors"]
PIECE = 16
PARITY_ROWS = 8


class RerankerTuner:
    """A cross-encoder whose network begins as the base's; its dev score is among a row's own passages."""

    Settings = RerankerSettings
    rows: ClassVar[Literal["chat", "pair"]] = "pair"

    def train(
        self, spec: JobSpec, rows: TuningRows, out: Path, env: ModelEnv, tell: Tell
    ) -> Trained:
        """Trains and writes `weights/`, `looks.jsonl` and the card.

        Raises:
            DataError: the rows are no pairs, or have not what the loss needs.
            MissingExtra: torch and its family are not installed.
        """
        require_torch("training a reranker")
        settings = cast("RerankerSettings", spec.tuner)
        course = Course(spec, settings, out, tell)
        learnt = lesson(rows)
        base = prepare_base(spec.base, env, out / "base")
        with closing(LocalEncoder(LocalSettings(model=spec.base), env)) as encoder:
            before = [_by_vectors(encoder, row) for row in learnt.dev]
            read = _read_tokens(course, encoder, learnt.train)
        course.draw()
        model = _open_model(base, settings, course.device)
        columns = _columns(learnt.train, settings)
        loss = _loss(model, settings)
        lessons = Lessons(columns, dict.fromkeys(columns, loss), tokens=read)
        fit(model, lessons, _dev_score(model, learnt.dev), course)
        model[0].model = plain_network(model[0].model)
        _save(model, base, out / WEIGHTS)
        measured = _finish(learnt.dev, before, course, scratch(env, out / "cache"))
        shutil.rmtree(base.folder)
        return write_card(out, encoder_card("reranker", spec, rows, base, measured, out))


def _open_model(base: BaseEncoder, settings: RerankerSettings, device: str) -> Any:
    import torch
    from sentence_transformers import CrossEncoder as Trainable

    model = Trainable(
        str(base.folder),
        num_labels=1,
        max_length=min(settings.max_tokens, base.recipe.max_tokens),
        device=device,
        local_files_only=True,
        activation_fn=torch.nn.Identity(),
    )
    model[0].model = prepare_network(model[0].model, settings)
    return model


def _columns(rows: Sequence[PairRow], settings: RerankerSettings) -> dict[str, Columns]:
    if not settings.negatives:
        raise DataError("a reranker learns from passages that look alike: negatives is 0")
    make = {"list": list_columns, "pair": single_columns, "margin": margin_columns}[settings.loss]
    return make(rows, settings.negatives)


def _loss(model: Any, settings: RerankerSettings) -> Any:
    from sentence_transformers.cross_encoder import losses

    if settings.loss == "pair":
        return losses.BinaryCrossEntropyLoss(model)
    if settings.loss == "margin":
        return losses.MarginMSELoss(model)
    return losses.ListNetLoss(model, mini_batch_size=PIECE)


def _dev_score(model: Any, rows: Sequence[PairRow]) -> Score | None:
    """The mean nDCG@10 of each dev row's passage among its own negatives."""
    rows = [row for row in rows if row.negatives]
    if not rows:
        return None

    def score() -> float:
        pairs = [(row.query, text) for row in rows for text in (row.positive, *row.negatives)]
        found = iter(model.predict(pairs, batch_size=PIECE, show_progress_bar=False).tolist())
        return mean(
            [_ranked([next(found) for _ in (row.positive, *row.negatives)]) for row in rows]
        )

    return score


def _ranked(scores: Sequence[float]) -> float:
    """nDCG@10 where the first of the scores belongs to the right passage; of equal ones it comes last."""
    order = sorted(range(len(scores)), key=lambda i: (-scores[i], -i))
    return ndcg(order, frozenset({0}))


def _by_vectors(encoder: LocalEncoder, row: PairRow) -> float:
    """The score of a row by the base's vectors: what the reranker has to beat."""
    texts = (row.positive, *row.negatives)
    similar = encoder.embed_passages(texts) @ encoder.embed_queries([row.query])[0]
    return _ranked(similar.tolist())


def _read_tokens(course: Course, encoder: LocalEncoder, rows: Sequence[PairRow]) -> int:
    """The tokens of an epoch; says how many pairs are cut in training."""
    settings = course.settings
    longest = settings.max_tokens
    pairs = [
        (row.query, text)
        for row in rows
        for text in (row.positive, *row.negatives[: settings.negatives])
    ]
    asked = encoder.count_tokens([query for query, _ in pairs])
    counts = [
        a + b for a, b in zip(asked, encoder.count_tokens([t for _, t in pairs]), strict=True)
    ]
    over = sum(count > longest for count in counts)
    course.say(
        f"{len(rows)} rows to learn, {len(pairs)} pairs; {over} are longer than {longest} tokens"
    )
    return sum(min(count, longest) for count in counts)


def _save(model: Any, base: BaseEncoder, folder: Path) -> None:
    """Writes the folder under another name and renames it; it reads pairs as long as those that it learnt from."""
    part = folder.with_name(f".{folder.name}")
    shutil.rmtree(part, ignore_errors=True)
    model.save_pretrained(str(part), create_model_card=False)
    shutil.copyfile(base.recipe.folder / TOKENIZER, part / TOKENIZER)
    settings = part / "tokenizer_config.json"
    said = json.loads(settings.read_text(encoding="utf-8"))
    said["model_max_length"] = model.max_seq_length
    settings.write_text(json.dumps(said, indent=1), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)


def _finish(
    rows: Sequence[PairRow], before: Sequence[float], course: Course, trial: ModelEnv
) -> dict[str, float]:
    """What was measured of the weights as they serve, and how far they are from torch."""
    settings = CrossEncoderSettings(model=str(course.out / WEIGHTS), precision="fp32")
    with closing(CrossEncoder(settings, trial)) as reranker:
        scores = [reranker.score(row.query, (row.positive, *row.negatives)) for row in rows]
    shutil.rmtree(trial.cache, ignore_errors=True)
    after = [_ranked(found) for found in scores]
    write_looks(
        course.out,
        [
            Look(id=row.id, part="dev", cluster=cluster_of(row), before=was, after=now)
            for row, was, now in zip(rows, before, after, strict=True)
        ],
    )
    if not rows:
        return {}
    measured = {"dev_before": round(mean(before), 5), "dev_after": round(mean(after), 5)}
    measured["serving_gap"] = _gap(course.out / WEIGHTS, rows[:PARITY_ROWS], scores)
    course.say(", ".join(f"{name} {value:g}" for name, value in measured.items()))
    return measured


def _gap(weights: Path, rows: Sequence[PairRow], scores: Sequence[Sequence[float]]) -> float:
    """The largest difference between a score that serves and torch's of the same weights, both in float32."""
    from sentence_transformers import CrossEncoder as Trainable

    # Read again: the network that was trained goes on computing in bfloat16 where it was trained so.
    model = Trainable(str(weights), device="cpu", local_files_only=True)
    pairs = [(row.query, text) for row in rows for text in (row.positive, *row.negatives)]
    trained = model.predict(pairs, batch_size=1, show_progress_bar=False).tolist()
    served = [score for found in scores[: len(rows)] for score in found]
    furthest: float = max(abs(a - b) for a, b in zip(trained, served, strict=True))
    return round(furthest, 6)
