"""Nothing calls an address unless a solution says so: no part and no preset names an endpoint of its own accord."""

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from surefoot.config.base import PartSettings
from surefoot.config.builtin import BUILTIN
from surefoot.config.presets import preset_names, preset_text
from surefoot.config.registry import Registry

PARTS = [(role, kind) for role, kinds in BUILTIN.items() for kind in kinds if role != "engine"]
"""An engine is an address: who names one asks for it. All else works on this machine."""


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _texts(getattr(value, name))
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)


def _defaults(settings: type[PartSettings]) -> Iterator[str]:
    for field in settings.model_fields.values():
        value = field.get_default(call_default_factory=True)
        if value is not PydanticUndefined:
            yield from _texts(value)


def _addresses(texts: Iterator[str]) -> list[str]:
    return [text for text in texts if text.startswith(("http:", "https:"))]


@pytest.mark.parametrize(("role", "kind"), PARTS)
def test_a_part_names_no_address_that_its_settings_do_not(role, kind):
    assert _addresses(_defaults(Registry().settings_class(role, kind))) == []


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_names_no_address_and_no_engine(name):
    written = tomllib.loads(preset_text(name))
    assert "endpoints" not in written
    assert _addresses(_texts(written)) == []
    assert "federate" not in {stage["kind"] for stage in written["stages"]}


def test_an_address_that_a_part_names_is_seen():
    class Calling(PartSettings):
        model: str = "http:hired"
        ways: tuple[dict[str, str], ...] = ({"url": "https://example.org"},)

    assert len(_addresses(_defaults(Calling))) == 2
