"""Reading scans and recordings counts for an index where it changes what is read, and only there."""

import pytest

from surefoot.config.media import Media
from surefoot.config.registry import Registry
from surefoot.config.solution import Corpus, parse_solution, recipe_digest
from surefoot.core.errors import ConfigError


def digest(**media):
    return recipe_digest(Corpus(media=Media(**media)), lambda what, name: f"{what} {name}")


@pytest.mark.parametrize(
    "said",
    [
        {"ocr": "never"},
        {"ocr": "always"},
        {"confidence": 0.8},
        {"dots_per_inch": 200},
        {"speech": False},
        {"speech_model": "weights/whisper"},
        {"language": "zh"},
        {"only_voice": True},
    ],
)
def test_what_changes_the_text_makes_another_index(said):
    assert digest(**said) != digest()


def test_limits_make_no_other_index():
    assert digest(max_file_mb=5, memory_mb=5, page_seconds=5, minute_seconds=5) == digest()


def test_a_misspelt_setting_is_told():
    raw = {"corpus": {"media": {"oct": "auto"}}, "stages": [{"kind": "search"}]}
    with pytest.raises(ConfigError, match=r"corpus\.media\.oct is not a setting"):
        parse_solution(raw, Registry())
