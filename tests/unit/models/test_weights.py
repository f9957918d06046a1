"""Content, not a name, is what a digest of a model stands for."""

import os

import pytest

from surefoot.config.catalog import Catalog, load_catalog
from surefoot.core.errors import MissingError
from surefoot.models.base import ModelEnv
from surefoot.models.fetch import card_digest
from surefoot.models.weights import file_digest, model_digest


@pytest.fixture
def env(tmp_path):
    return ModelEnv(tmp_path / "cache")


def test_an_alias_is_the_hashes_of_the_catalog_without_fetching(env):
    alias = load_catalog().default("embedding")
    assert model_digest(alias, env) == card_digest(load_catalog().get(alias))
    assert not env.cache.exists()


def test_a_file_is_its_bytes(env, tmp_path):
    file = tmp_path / "weights.gguf"
    file.write_bytes(b"abc")
    first = model_digest(str(file), env)
    assert first == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    file.rename(tmp_path / "other.gguf")
    assert model_digest(str(tmp_path / "other.gguf"), env) == first


def test_a_folder_is_its_files_without_hidden_ones(env, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name / "sub").mkdir(parents=True)
        (tmp_path / name / "sub" / "文件.json").write_text("{}")
    (tmp_path / "two" / ".git").mkdir()
    (tmp_path / "two" / ".git" / "x").write_text("x")
    first = model_digest(str(tmp_path / "one"), env)
    assert model_digest(str(tmp_path / "two"), env) == first
    (tmp_path / "two" / "more.json").write_text("{}")
    assert model_digest(str(tmp_path / "two"), env) != first


def test_a_hash_is_remembered_until_the_file_changes(env, tmp_path):
    file = tmp_path / "weights.bin"
    file.write_bytes(b"abc")
    first = file_digest(file, env)
    times = (file.stat().st_atime_ns, file.stat().st_mtime_ns)
    file.write_bytes(b"xyz")
    os.utime(file, ns=times)
    assert file_digest(file, env) == first
    os.utime(file, ns=(times[0], times[1] + 1_000_000))
    assert file_digest(file, env) != first


def test_a_remote_model_is_its_name(env):
    assert model_digest("http:big", env) == "http:big"


def test_what_is_not_there_is_told(env):
    with pytest.raises(MissingError, match="no model 'nothing-like-it'"):
        model_digest("nothing-like-it", env)


def test_each_role_of_the_catalog_has_at_most_one_default():
    marked = [card.role for card in load_catalog().cards.values() if card.default]
    assert len(marked) == len(set(marked))
    with pytest.raises(MissingError, match="no default reranker"):
        Catalog(()).default("reranker")


def test_every_file_of_the_catalog_has_a_source_or_a_reason():
    for card in load_catalog().cards.values():
        assert card.unavailable or all(file.sources for file in card.files)
        assert card.languages
        assert card.licence
