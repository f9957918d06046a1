"""A workspace's parts around a fake chat model."""

import pytest

from surefoot.config.prompts import Prompts
from surefoot.core.errors import ConfigError
from surefoot.core.roles import Parts
from surefoot.models.embed_hash import HashEncoder, HashSettings


@pytest.fixture
def parts(tmp_path):
    def made(model=None, *, corpus=True):
        encoder = HashEncoder(HashSettings())

        def find():
            if not corpus:
                raise ConfigError("this solution has no [corpus]")
            return encoder

        return Parts(
            lambda: None,
            find,
            lambda name: model,
            Prompts().get,
            lambda raw: None,
            lambda name: tmp_path / name,
            keep=tmp_path / "kept",
        )

    return made
