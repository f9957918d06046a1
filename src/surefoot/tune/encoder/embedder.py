"""Trains an encoder on pairs of question and passage, and leaves a folder that serves without torch."""

from __future__ import annotations

import shutil
from contextlib import closing
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

from surefoot.core.errors import ConfigError
from surefoot.models.base import ModelEnv
from surefoot.models.embed import LocalEncoder, LocalSettings
from surefoot.tune.artefact import FOLDERS, Trained, write_card
from surefoot.tune.encoder.base_folder import TOKENIZER, BaseEncoder, prepare_base
from surefoot.tune.encoder.bench import Bench, Measured, drift, means, scratch
from surefoot.tune.encoder.card import encoder_card
from surefoot.tune.encoder.linear import STEP_ROWS, fit_matrix
from surefoot.tune.encoder.looks import mean, write_looks
from surefoot.tune.encoder.losses import pair_loss, query_loss
from surefoot.tune.encoder.mixing import Mixed, choose_share, mixed_state
from surefoot.tune.encoder.pairs import (
    Columns,
    Lesson,
    lesson,
    margin_columns,
    ranking_columns,
)
from surefoot.tune.encoder.settings import EmbedderSettings
from surefoot.tune.encoder.training import (
    Course,
    Lessons,
    Score,
    fit,
    keep_account,
    plain_network,
    prepare_network,
)
from surefoot.tune.rows import TuningRows
from surefoot.tune.spec import JobSpec, Tell
from surefoot.tune.torch_family import require_torch

if TYPE_CHECKING:
    from surefoot.core.roles import Vectors

WEIGHTS = FOLDERS["safetensors"]


class EmbedderTuner:
    """Question-side or two-sided training of an encoder; what it forgets is measured and bounded."""

    Settings = EmbedderSettings
    rows: ClassVar[Literal["chat", "pair"]] = "pair"

    def train(
        self, spec: JobSpec, rows: TuningRows, out: Path, env: ModelEnv, tell: Tell
    ) -> Trained:
        """Trains, chooses how much of the base stays, and writes `weights/`, `looks.jsonl` and the card.

        Raises:
            DataError: the rows are no pairs, or have not what the loss needs.
            MissingExtra: torch and its family are not installed.
            ConfigError: the settings do not go together.
        """
        require_torch("training an encoder")
        settings = cast("EmbedderSettings", spec.tuner)
        _check(settings)
        course = Course(spec, settings, out, tell)
        learnt = lesson(rows, settings.general, settings.replay)
        base = prepare_base(spec.base, env, out / "base")
        with closing(LocalEncoder(LocalSettings(model=spec.base), env)) as encoder:
            _tell_lengths(course, learnt, encoder)
            bench = Bench(learnt, encoder, settings.side, settings.pool)
            if settings.method == "linear":
                measured = _turned(learnt, bench, course)
                shutil.rmtree(base.folder)
                return write_card(out, encoder_card("embedder", spec, rows, base, measured, out))
            course.draw()
            model = _open_model(base, settings, course.device)
            lessons = _lessons(model, learnt, bench, settings, base)
            fit(model, lessons, _dev_score(model, bench), course)
        model[0].model = plain_network(model[0].model)
        measured = _finish(model, base, bench, course, scratch(env, out / "cache"))
        return write_card(out, encoder_card("embedder", spec, rows, base, measured, out))


def _check(settings: EmbedderSettings) -> None:
    if settings.side == "query" and settings.loss != "ranking":
        raise ConfigError(
            f"the loss {settings.loss} trains both sides",
            where="tuner.loss",
            hint='set side = "both", or loss = "ranking"',
        )
    if settings.side == "both" and settings.method == "linear":
        raise ConfigError(
            "a matrix is trained for questions alone",
            where="tuner.method",
            hint='set side = "query", or method = "full"',
        )


def _turned(learnt: Lesson, bench: Bench, course: Course) -> dict[str, float]:
    """Trains the matrix alone; what was measured of it."""
    best, tried, after = fit_matrix(learnt, bench, course, course.out / WEIGHTS)
    write_looks(course.out, bench.looks(after))
    steps = ceil((len(learnt.train) + len(learnt.replayed)) / STEP_ROWS)
    keep_account(
        course, steps * cast("EmbedderSettings", course.settings).passes, after.asked.shape[1] ** 2
    )
    return _told(bench, after, best, tried)


def _open_model(base: BaseEncoder, settings: EmbedderSettings, device: str) -> Any:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(base.folder), device=device, local_files_only=True)
    model[0].model = prepare_network(model[0].model, settings)
    model.max_seq_length = min(settings.max_tokens, base.recipe.max_tokens)
    return model


def _lessons(
    model: Any, learnt: Lesson, bench: Bench, settings: EmbedderSettings, base: BaseEncoder
) -> Lessons:
    rows = (*learnt.train, *learnt.replayed)
    asked, said = base.prompts["query"], base.prompts["passage"]
    if settings.side == "query":
        texts = learnt.passages
        places = {text: i for i, text in enumerate(texts)}
        loss = query_loss(
            model,
            bench.held.of(texts),
            {i: places[row.positive] for i, row in enumerate(rows)},
            settings.scale,
        )
        asking = [row.query for row in rows]
        columns: Columns = {"query": asking, "label": list(range(len(rows)))}
        tokens = sum(bench.held.count_tokens(asking))
        return Lessons({"questions": columns}, {"questions": loss}, {"query": asked}, tokens=tokens)
    make = margin_columns if settings.loss == "margin" else ranking_columns
    most = min(settings.negatives, 1) if settings.loss == "gist" else settings.negatives
    groups = make(rows, most)
    loss = pair_loss(model, settings, base)
    names = {name for columns in groups.values() for name in columns} - {"query", "label"}
    prompts = {"query": asked, **dict.fromkeys(names, said)}
    texts = [
        t for columns in groups.values() for n in ("query", *names) for t in columns.get(n, ())
    ]
    longest = settings.max_tokens
    tokens = sum(min(count, longest) for count in bench.held.count_tokens(texts))
    return Lessons(groups, dict.fromkeys(groups, loss), prompts, "no_duplicates", tokens)


def _dev_score(model: Any, bench: Bench) -> Score | None:
    """The score by torch while it trains: of side query over the base's passages, else over the model's own."""
    questions = bench.parts["dev"]
    if not questions.ids:
        return None

    def score() -> float:
        asked = _encoded(model, questions.texts, "query")
        own = bench.side == "both"
        held = _encoded(model, questions.passages, "passage") if own else bench.passages("dev")
        return mean(questions.scores(asked, held))

    return score


def _encoded(model: Any, texts: tuple[str, ...], side: str) -> Vectors:
    vectors: Vectors = model.encode(
        list(texts), prompt_name=side, batch_size=32, show_progress_bar=False
    )
    return vectors


def _finish(
    model: Any, base: BaseEncoder, bench: Bench, course: Course, trial: ModelEnv
) -> dict[str, float]:
    """Chooses the share of the base, saves, and gives what was measured of the weights as they serve."""
    model.max_seq_length = base.recipe.max_tokens
    best, tried, after = _mixed(model, base, bench, course, trial)
    asked = tuple(text for questions in bench.parts.values() for text in questions.texts)
    cosines = (_encoded(model, asked, "query") * after.asked).sum(axis=1) if asked else ()
    shutil.rmtree(trial.cache, ignore_errors=True)
    shutil.rmtree(base.folder)
    write_looks(course.out, bench.looks(after))
    measured = _told(bench, after, best, tried)
    if len(cosines):
        measured["serving_cosine"] = round(float(min(cosines)), 6)
    course.say(", ".join(f"{name} {value:g}" for name, value in measured.items()))
    return measured


def _told(bench: Bench, after: Measured, best: Mixed, tried: list[Mixed]) -> dict[str, float]:
    return {
        **means([("before", bench.before), ("after", after)]),
        "drift": round(drift(bench.before, after), 5),
        "keep": best.share,
        **{f"dev_keep_{m.share:g}": round(m.dev, 5) for m in tried},
        **{f"general_keep_{m.share:g}": round(m.general, 5) for m in tried},
    }


def _mixed(
    model: Any, base: BaseEncoder, bench: Bench, course: Course, trial: ModelEnv
) -> tuple[Mixed, list[Mixed], Measured]:
    """Leaves the chosen weights in the model and in `weights/`."""
    settings = cast("EmbedderSettings", course.settings)
    trained = {name: t.detach().clone() for name, t in model[0].model.state_dict().items()}
    plain = _open_plain(base).state_dict()
    found: dict[float, Measured] = {}

    def measure(share: float) -> tuple[float, float]:
        _save(model, mixed_state(trained, plain, share), base, course.out / WEIGHTS)
        found[share] = bench.measure(course.out / WEIGHTS, trial)
        return found[share].mean("dev"), found[share].mean("general")

    shares = settings.keep if bench.parts["dev"].ids else settings.keep[:1]
    best, tried = choose_share(shares, measure, bench.before.mean("general"), settings.general_loss)
    if best is not tried[-1]:
        _save(model, mixed_state(trained, plain, best.share), base, course.out / WEIGHTS)
    return best, tried, found[best.share]


def _open_plain(base: BaseEncoder) -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(base.folder), device="cpu", local_files_only=True)[0].model


def _save(model: Any, state: dict[str, Any], base: BaseEncoder, folder: Path) -> None:
    """Writes the whole folder under another name and renames it, with the base's own tokenizer file."""
    model[0].model.load_state_dict(state)
    part = folder.with_name(f".{folder.name}")
    shutil.rmtree(part, ignore_errors=True)
    model.save_pretrained(str(part), create_model_card=False)
    shutil.copyfile(base.recipe.folder / TOKENIZER, part / TOKENIZER)
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)


def _tell_lengths(course: Course, learnt: Lesson, encoder: LocalEncoder) -> None:
    """Says how many texts are longer than training reads; none is left out."""
    longest = course.settings.max_tokens
    over = sum(count > longest for count in encoder.count_tokens(learnt.passages))
    course.say(
        f"{len(learnt.train)} rows to learn, {len(learnt.dev)} dev, {len(learnt.replayed)} replayed,"
        f" {len(learnt.general)} general; {over} of {len(learnt.passages)} passages are longer than"
        f" {longest} tokens"
    )
