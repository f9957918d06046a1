"""Settings that cannot change a result do not name an index."""

from typing import Annotated, Literal

import pytest
from pydantic import ValidationError

from surefoot.config.base import Incidental, KeyName, PartSettings
from surefoot.config.solution import Corpus, recipe_digest
from surefoot.ingest.chunk import StructureSettings


class FarSettings(PartSettings):
    kind: Literal["far"] = "far"
    model: str = "m"
    timeout_s: Annotated[float, Incidental()] = 1.0
    key: Annotated[KeyName, Incidental()] = ""


def digest(**settings):
    corpus = Corpus(embed=FarSettings(**settings), chunk=StructureSettings())
    return recipe_digest(corpus, "{}:{}".format)


def test_only_what_counts_names_the_index():
    assert digest(timeout_s=2.0, key="env:OTHER") == digest()
    assert digest(model="n") != digest()


def test_a_key_itself_is_refused():
    with pytest.raises(ValidationError, match="env:VARIABLE"):
        FarSettings(key="sk-123")
