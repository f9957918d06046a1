"""Encoders and rerankers are trained on tiny networks and serve without torch as they were trained."""

import random
from pathlib import Path

import numpy as np
import pytest

from surefoot.core.errors import ConfigError
from surefoot.models.base import ModelEnv
from surefoot.models.cross_encoder import CrossEncoder, CrossEncoderSettings
from surefoot.models.embed import LocalEncoder, LocalSettings
from surefoot.testing.tiny_bert import make_tiny_bert
from surefoot.tune.artefact import check_files
from surefoot.tune.encoder.embedder import EmbedderTuner
from surefoot.tune.encoder.looks import read_looks
from surefoot.tune.encoder.reranker import RerankerTuner
from surefoot.tune.encoder.settings import EmbedderSettings, RerankerSettings
from surefoot.tune.rows import PairRow, TuningRows, write_rows
from surefoot.tune.spec import JobSpec

pytestmark = [
    pytest.mark.tune,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*gradient_checkpointing.*:FutureWarning"),  # of peft
]

LETTERS = "abcdefghijklmnopqrstuvwxyz密码重置请"
TEXTS = ["reset a b", "密码重置", "请 z"]


@pytest.fixture
def base(tmp_path):
    pytest.importorskip("torch", reason="torch is not installed (surefoot[tune])")
    make_tiny_bert(tmp_path / "base")
    pooling = tmp_path / "base" / "1_Pooling"
    pooling.mkdir()
    (pooling / "config.json").write_text('{"pooling_mode": "mean"}')
    prompts = '{"prompts": {"query": "q: ", "passage": "p: "}}'
    (tmp_path / "base" / "config_sentence_transformers.json").write_text(prompts)
    return tmp_path / "base"


@pytest.fixture
def env(tmp_path):
    return ModelEnv(tmp_path / "cache", offline=True)


def pairs(count=48, *, seed=1, scored=False):
    draw = random.Random(seed)

    def words():
        return " ".join(draw.choice(LETTERS) for _ in range(4))

    return TuningRows.of(
        [
            PairRow(
                id=f"{seed}-{i}",
                query=" ".join(reversed(text.split())),
                positive=text,
                negatives=(words(), words()),
                scores=(3.0, 1.0, 0.0) if scored else (),
                lang="zh" if i % 2 else "en",
                split="dev" if i % 4 == 0 else "train",
            )
            for i, text in enumerate(words() for _ in range(count))
        ]
    )


def train(tuner, settings, base, out, env, rows=None, seed=3):
    out.mkdir(parents=True, exist_ok=True)
    spec = JobSpec(name="t", tuner=settings, base=str(base), rows="rows.jsonl", seed=seed)
    said = []
    card = tuner().train(spec, rows or pairs(scored=True), out, env, said.append)
    assert card == check_files(out)
    return card, said


def brisk(kind, **more):
    told = {"epochs": 2, "batch": 8, "max_tokens": 24, "learning_rate": 3e-3, "precision": "fp32"}
    return kind(**{**told, **more})


@pytest.mark.parametrize(
    "settings",
    [
        brisk(EmbedderSettings),
        brisk(EmbedderSettings, method="lora", keep=(0.0,)),
        brisk(EmbedderSettings, side="both"),
        brisk(EmbedderSettings, side="both", method="lora", loss="cached", keep=(0.0,)),
        brisk(EmbedderSettings, side="both", loss="gist"),
        brisk(EmbedderSettings, side="both", loss="margin"),
    ],
    ids=lambda s: f"{s.side}-{s.loss}-{s.method}",
)
def test_an_encoder_serves_as_it_was_trained(settings, base, tmp_path, env):
    from sentence_transformers import SentenceTransformer

    card, said = train(EmbedderTuner, settings, base, tmp_path / "out", env)
    weights = tmp_path / "out" / "weights"
    trained = SentenceTransformer(str(weights), device="cpu").encode(TEXTS, prompt_name="query")
    encoder = LocalEncoder(LocalSettings(model=str(weights), precision="fp32"), env)
    cosines = (encoder.embed_queries(TEXTS) * trained).sum(axis=1)
    assert cosines.min() > 1 - 1e-3
    assert card.measured["serving_cosine"] > 1 - 1e-3
    plain = LocalEncoder(LocalSettings(model=str(base), precision="fp32"), env)
    assert (plain.embed_queries(TEXTS) * trained).sum(axis=1).min() < 0.9999
    assert card.kind == "encoder"
    assert card.rows_used == 48
    assert card.langs == ("en", "zh")
    assert {look.part for look in read_looks(tmp_path / "out")} == {"dev"}
    assert any("rows to learn" in event.message for event in said)
    encoder.close()


def test_a_matrix_turns_questions_and_nothing_else(base, tmp_path, env):
    settings = brisk(EmbedderSettings, method="linear", passes=3, keep=(0.0,))
    card, _ = train(EmbedderTuner, settings, base, tmp_path / "out", env)
    weights = tmp_path / "out" / "weights"
    assert sum(file.stat().st_size for file in weights.iterdir()) < 10_000
    plain, asked = (
        LocalEncoder(LocalSettings(model=str(base), query_model=name, precision="fp32"), env)
        for name in (None, str(weights))
    )
    assert asked.digest == plain.digest
    np.testing.assert_array_equal(asked.embed_passages(TEXTS), plain.embed_passages(TEXTS))
    vectors = asked.embed_queries(TEXTS)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert (vectors * plain.embed_queries(TEXTS)).sum(axis=1).max() < 0.99999
    assert card.expense.trainable == 16 * 16


def test_a_matrix_is_for_questions_alone(base, tmp_path, env):
    with pytest.raises(ConfigError, match="for questions alone"):
        train(
            EmbedderTuner,
            brisk(EmbedderSettings, method="linear", side="both"),
            base,
            tmp_path,
            env,
        )


def test_what_is_forgotten_is_measured_and_what_is_kept_is_told(base, tmp_path, env):
    write_rows(pairs(24, seed=9), tmp_path / "general.jsonl")
    settings = brisk(EmbedderSettings, general=str(tmp_path / "general.jsonl"), general_loss=0.0)
    card, _ = train(EmbedderTuner, settings, base, tmp_path / "out", env)
    tried = {share: card.measured[f"general_keep_{share:g}"] for share in settings.keep}
    kept = tried[card.measured["keep"]]
    assert card.measured["general_after"] == pytest.approx(kept)
    before = card.measured["general_before"]
    assert kept >= before or kept == max(tried.values())
    assert {look.part for look in read_looks(tmp_path / "out")} == {"dev", "general"}


def test_without_dev_rows_nothing_is_claimed(base, tmp_path, env):
    rows = TuningRows.of([row for row in pairs().rows if row.split == "train"])
    card, _ = train(EmbedderTuner, brisk(EmbedderSettings), base, tmp_path / "out", env, rows)
    assert "dev_after" not in card.measured
    assert read_looks(tmp_path / "out") == []


@pytest.mark.parametrize("loss", ["list", "pair", "margin"])
@pytest.mark.parametrize("method", ["full", "lora"])
def test_a_reranker_serves_as_it_was_trained(loss, method, base, tmp_path, env):
    from sentence_transformers import CrossEncoder as Trained

    settings = brisk(RerankerSettings, loss=loss, method=method)
    card, _ = train(RerankerTuner, settings, base, tmp_path / "out", env)
    weights = tmp_path / "out" / "weights"
    network = Trained(str(weights), device="cpu")
    assert network.tokenizer("a", "b")["token_type_ids"] == [0, 0, 0, 1, 1]
    assert network.tokenizer.sep_token == "[SEP]"
    trained = network.predict([("密码 a", text) for text in TEXTS])
    reranker = CrossEncoder(CrossEncoderSettings(model=str(weights), precision="fp32"), env)
    np.testing.assert_allclose(reranker.score("密码 a", TEXTS), trained, atol=1e-3)
    assert card.kind == "reranker"
    assert card.measured["serving_gap"] < 1e-3
    assert len(read_looks(tmp_path / "out")) == 12


@pytest.mark.parametrize("method", ["full", "lora"])
def test_a_run_that_was_broken_off_ends_as_an_unbroken_one(method, base, tmp_path, env):
    settings = brisk(EmbedderSettings, method=method, keep=(0.0,))
    train(EmbedderTuner, settings, base, tmp_path / "whole", env)
    with pytest.raises(KeyboardInterrupt):
        _broken_off(settings, base, tmp_path / "broken", env)
    train(EmbedderTuner, settings, base, tmp_path / "broken", env)
    whole, broken = (_weights(tmp_path / name) for name in ("whole", "broken"))
    for name, values in whole.items():
        np.testing.assert_array_equal(values, broken[name], err_msg=name)


def _broken_off(settings, base, out, env):
    def interrupt(event):
        if event.step >= 7:
            raise KeyboardInterrupt

    out.mkdir()
    spec = JobSpec(name="t", tuner=settings, base=str(base), rows="rows.jsonl", seed=3)
    EmbedderTuner().train(spec, pairs(scored=True), out, env, interrupt)


def _weights(out: Path):
    from surefoot.models.tensors import Tensors

    return {name: np.array(values) for name, values in Tensors(out / "weights").items()}
