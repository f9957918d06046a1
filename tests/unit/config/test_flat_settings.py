from __future__ import annotations

from surefoot.config.builtin import BUILTIN
from surefoot.config.flat import SettingGap, flat_settings, settings_gaps
from surefoot.config.stage_words import stage_words


def test_settings_are_told_by_their_path():
    plain = {"stages": [{"kind": "search", "keep": 10}], "corpus": {"views": []}}
    assert flat_settings(plain) == {
        "stages.0.kind": "search",
        "stages.0.keep": 10,
        "corpus.views": [],
    }


def test_only_what_differs_is_told():
    base = {"name": "一", "stages": [{"keep": 10}], "seed": 1}
    other = {"name": "一", "stages": [{"keep": 5, "weight": 0.5}]}
    assert settings_gaps(base, other) == (
        SettingGap("stages.0.keep", 10, 5),
        SettingGap("seed", 1, None),
        SettingGap("stages.0.weight", None, 0.5),
    )
    assert settings_gaps(base, base) == ()
    assert settings_gaps({}, {}) == ()


def test_every_stage_is_said_in_both_languages():
    words = stage_words()
    assert set(words) == set(BUILTIN["stage"])
    for said in words.values():
        assert set(said) == {"en", "zh"}
        assert all(said.values())
