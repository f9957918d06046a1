"""Encoders from folders: recipes, cutting, digests, processes, telemetry."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import surefoot
from surefoot.config.registry import Registry
from surefoot.core.errors import ConfigError, DataError, MissingError
from surefoot.models.base import ModelEnv
from surefoot.models.embed import LocalEncoder, LocalSettings, read_recipe
from surefoot.models.inference import batches
from surefoot.models.tensors import save_tensors
from surefoot.testing.tiny_bert import PLACES, make_tiny_bert


@pytest.fixture
def env(tmp_path):
    return ModelEnv(tmp_path / "cache", offline=True)


@pytest.fixture
def folder(tmp_path):
    make_tiny_bert(tmp_path / "tiny")
    return tmp_path / "tiny"


def settings(folder, **more):
    return LocalSettings(model=str(folder), **more)


def write(file, values):
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(values))


def opened(folder, env, **more):
    return LocalEncoder(settings(folder, **more), env)


def test_a_folder_needs_a_pooling(folder, env):
    with pytest.raises(ConfigError, match='pooling = "mean"'):
        read_recipe(settings(folder), env)
    assert read_recipe(settings(folder, pooling="cls"), env).pooling == "cls"


@pytest.mark.parametrize(
    ("said", "pooling"),
    [
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, "cls"),
        ({"pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True}, "mean"),
        ({"pooling_mode": "mean"}, "mean"),
    ],
)
def test_the_files_of_sentence_transformers_are_read(folder, env, said, pooling):
    write(folder / "1_Pooling" / "config.json", said)
    write(folder / "sentence_bert_config.json", {"max_seq_length": 12})
    prompts = {"prompts": {"query": "问题: ", "document": "文档: "}}
    write(folder / "config_sentence_transformers.json", prompts)
    recipe = read_recipe(settings(folder, query_prefix=""), env)
    assert (recipe.pooling, recipe.max_tokens) == (pooling, 12)
    assert (recipe.query_prefix, recipe.passage_prefix) == ("", "文档: ")


def test_further_layers_are_refused(folder, env):
    write(folder / "modules.json", [{"type": "sentence_transformers.models.Dense"}])
    with pytest.raises(DataError, match="Dense"):
        read_recipe(settings(folder, pooling="mean"), env)


def test_folders_without_their_files_and_unknown_names(folder, env):
    (folder / "tokenizer.json").unlink()
    with pytest.raises(MissingError, match=r"no tokenizer\.json"):
        read_recipe(settings(folder), env)
    with pytest.raises(MissingError, match="no embedding model"):
        read_recipe(LocalSettings(model="nothing-like-it"), env)


def test_long_texts_are_cut_for_embedding_and_counted_whole(folder, env):
    encoder = opened(folder, env, pooling="mean", max_tokens=10, precision="fp32")
    assert encoder.max_tokens == 10
    long = " ".join("abcdefghijkl")
    assert encoder.count_tokens([long, "密码"]) == [14, 4]
    both = encoder.embed_passages([long, " ".join("abcdefgh")])
    np.testing.assert_allclose(both[0], both[1], atol=1e-5)
    encoder.close()


def test_the_length_never_passes_the_network_s_own(folder, env):
    assert read_recipe(settings(folder, pooling="cls", max_tokens=999), env).max_tokens == PLACES


def test_prefixes_reach_the_network(folder, env):
    encoder = opened(folder, env, pooling="mean", query_prefix="q ", passage_prefix="p ")
    plain = opened(folder, env, pooling="mean")
    np.testing.assert_array_equal(encoder.embed_queries(["a"]), plain.embed_queries(["q a"]))
    np.testing.assert_array_equal(encoder.embed_passages(["a"]), plain.embed_passages(["p a"]))
    assert encoder.count_tokens(["a"]) == plain.count_tokens(["p a"])


def test_the_digest_is_of_what_an_index_must_agree_with(folder, env, tmp_path):
    def digest(**more):
        encoder = opened(folder, env, **({"pooling": "mean"} | more))
        encoder.close()
        return encoder.digest

    other = ModelEnv(tmp_path / "elsewhere", threads=2)
    first = opened(folder, other, pooling="mean")
    assert digest() == first.digest
    named = {"precision": "fp32"}, {"pooling": "cls"}, {"query_prefix": "q"}, {"max_tokens": 9}
    assert len({digest(), *(digest(**more) for more in named)}) == 5
    make_tiny_bert(folder, prefix="bert.")
    assert digest() != first.digest


def test_texts_are_put_together_by_length_and_each_once():
    lengths = [3, 500, 1, 500, 40, 7] * 30
    found = list(batches(lengths))
    assert sorted(i for batch in found for i in batch) == list(range(len(lengths)))
    assert all(max(lengths[i] for i in b) * len(b) <= 1024 or len(b) == 1 for b in found)
    assert list(batches([])) == []
    assert list(batches([5000])) == [[0]]


def test_it_is_registered_and_its_default_is_the_catalogs():
    assert Registry().part_class("embedder", "local") is LocalEncoder
    assert LocalSettings().model


CHILD = """
import sys
from pathlib import Path
from surefoot.models.base import ModelEnv
from surefoot.models.embed import LocalEncoder, LocalSettings
encoder = LocalEncoder(LocalSettings(model=sys.argv[1], pooling="mean"), ModelEnv(Path(sys.argv[2])))
print(encoder.embed_queries(["reset password", "重置密码"]).tolist())
"""


def child(folder, env, code=CHILD):
    return subprocess.Popen(
        [sys.executable, "-c", code, str(folder), str(env.cache)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


@pytest.mark.slow
def test_processes_that_open_at_once_agree_and_a_broken_cache_is_made_again(folder, env):
    both = [child(folder, env), child(folder, env)]
    found = [process.communicate(timeout=120)[0] for process in both]
    assert found[0] == found[1] != ""
    kept = list(env.cache.rglob("*.blob"))
    assert kept
    for blob in kept:
        blob.chmod(0o600)
        blob.write_bytes(blob.read_bytes()[:1000])
    assert child(folder, env).communicate(timeout=120)[0] == found[0]


def test_a_network_that_is_opened_again_is_not_kept_twice(folder, env):
    vectors = []
    for _ in range(3):
        encoder = opened(folder, env, pooling="mean")
        vectors.append(encoder.embed_passages(["valve pump"]))
        encoder.close()
    assert len(list(env.cache.rglob("*.blob"))) == 1
    assert np.array_equal(vectors[0], vectors[1])
    assert np.array_equal(vectors[0], vectors[2])


NOBODY_IS_CALLED = (
    """
import socket
def refuse(*values, **named):
    raise SystemExit("the network was touched")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
"""
    + CHILD
    + """
assert sys.modules["openvino_telemetry"] is None
assert not [name for name in sys.modules if name.startswith("openvino_telemetry.")]
"""
)


@pytest.mark.slow
def test_nothing_is_ever_sent(folder, env):
    process = child(folder, env, NOBODY_IS_CALLED)
    assert process.communicate(timeout=120)[0]
    assert process.returncode == 0


def test_openvino_is_imported_in_one_place():
    root = Path(surefoot.__file__).parent
    found = [
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if re.search(
            r"^\s*(import openvino\b|from openvino\b)", path.read_text("utf-8"), re.MULTILINE
        )
    ]
    assert found == ["models/openvino.py"]


@pytest.mark.parametrize("text", ["reset abc", "重置密码", "x" * 100, ""])
def test_token_vectors_are_those_that_are_pooled(folder, env, text):
    encoder = opened(folder, env, pooling="mean", query_prefix="q a ", precision="fp32")
    (found,) = encoder.embed_tokens([text], "query")
    assert found.vectors.shape == (len(found.spans), encoder.dimensions)
    np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), 1, atol=1e-4)
    assert all(text[start:end] for start, end in found.spans)
    assert len(found.spans) <= min(encoder.max_tokens, len(text))


def test_tokens_have_the_same_vectors_in_any_company(folder, env):
    encoder = opened(folder, env, pooling="mean", precision="fp32")
    together = encoder.embed_tokens(["重置密码", "abc de", "f"], "passage")
    for text, found in zip(["重置密码", "abc de", "f"], together, strict=True):
        (alone,) = encoder.embed_tokens([text], "passage")
        assert alone.spans == found.spans
        np.testing.assert_allclose(alone.vectors, found.vectors, atol=1e-4)


def test_questions_are_read_by_other_weights_where_they_are_named(tmp_path, folder, env):
    tuned = tmp_path / "tuned"
    tensors = make_tiny_bert(tuned)
    name = "embeddings.LayerNorm.weight"
    save_tensors({**tensors, name: -tensors[name]}, tuned / "model.safetensors")
    plain = opened(folder, env, pooling="mean")
    asked = opened(folder, env, pooling="mean", query_model=str(tuned))
    texts = ["reset", "密码重置"]
    assert asked.digest == plain.digest
    np.testing.assert_array_equal(asked.embed_passages(texts), plain.embed_passages(texts))
    cosines = (asked.embed_queries(texts) * plain.embed_queries(texts)).sum(axis=1)
    assert (cosines < 0.999).all()
    assert len(asked.embed_tokens(texts, "query")) == 2
    asked.close()


def test_a_folder_of_weights_is_found_below_the_workspace(tmp_path, folder):
    env = ModelEnv(tmp_path / "cache", offline=True, root=tmp_path)
    encoder = LocalEncoder(LocalSettings(model="tiny", pooling="mean"), env)
    assert encoder.embed_queries(["reset"]).shape == (1, encoder.dimensions)


def test_the_length_that_the_tokenizer_tells_is_kept(folder, env):
    write(folder / "tokenizer_config.json", {"model_max_length": 12})
    assert read_recipe(settings(folder, pooling="mean"), env).max_tokens == 12
    write(folder / "tokenizer_config.json", {"model_max_length": 10**30})
    assert read_recipe(settings(folder, pooling="mean"), env).max_tokens == PLACES
