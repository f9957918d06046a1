from __future__ import annotations

import pytest

from surefoot.config.registry import Registry
from surefoot.core.errors import ConfigError


@pytest.fixture
def plugins(tmp_path, monkeypatch):
    """Two installed third-party distributions: a good one, and one that cannot be imported."""
    (tmp_path / "goodpart.py").write_text(
        "from typing import Literal\n"
        "from surefoot.config.base import PartSettings\n"
        "class ShoutSettings(PartSettings):\n"
        "    kind: Literal['shout'] = 'shout'\n"
        "    loud: int = 1\n"
        "class Shout:\n"
        "    Settings = ShoutSettings\n",
        encoding="utf-8",
    )
    (tmp_path / "badpart.py").write_text("import a_module_that_is_not_there\n", encoding="utf-8")
    for name, points in {
        "good-part": "stage.shout = goodpart:Shout\nstage.quote = goodpart:Shout\n",
        "bad-part": "stage.broken = badpart:Broken\n",
    }.items():
        info = tmp_path / f"{name.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[surefoot.parts]\n{points}")
    monkeypatch.syspath_prepend(str(tmp_path))
    return Registry()


def test_a_third_party_part_is_found(plugins):
    assert "shout" in plugins.kinds("stage")
    assert plugins.settings_class("stage", "shout")(loud=2).loud == 2


def test_a_broken_part_hurts_only_who_chooses_it(plugins):
    assert "broken" in plugins.kinds("stage")
    plugins.settings_class("stage", "shout")
    with pytest.raises(ConfigError, match=r"'broken' of bad-part cannot be loaded"):
        plugins.part_class("stage", "broken")


def test_built_in_kinds_win(plugins):
    entry = next(e for e in plugins.entries if (e.role, e.kind) == ("stage", "quote"))
    assert entry.origin == "surefoot"


def test_an_unknown_kind_is_told_with_what_is_known():
    with pytest.raises(ConfigError) as problem:
        Registry().part_class("stage", "serch")
    assert "did you mean search?" in problem.value.hint
