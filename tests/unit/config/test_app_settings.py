from __future__ import annotations

import pytest

from surefoot.config.settings import load_settings
from surefoot.core.errors import ConfigError


@pytest.fixture(autouse=True)
def user_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "surefoot"


def test_layers_lie_on_top_of_one_another(tmp_path, user_folder):
    user_folder.mkdir(parents=True)
    (user_folder / "settings.toml").write_text('threads = 2\nworkers = 2\nlog_level = "info"\n')
    workspace = tmp_path / "work"
    (workspace / ".surefoot").mkdir(parents=True)
    (workspace / ".surefoot" / "settings.toml").write_text("threads = 3\nworkers = 3\n")
    env = {"SUREFOOT_THREADS": "4"}
    found = load_settings(workspace=workspace, flags={"offline": True, "store": None}, env=env)
    assert (found.settings.threads, found.settings.workers) == (4, 3)
    assert (found.settings.log_level, found.settings.offline) == ("info", True)
    assert found.origins["threads"] == "environment"
    assert found.origins["workers"].endswith("work/.surefoot/settings.toml")
    assert found.origins["store"] == "default"


def test_a_wrong_value_names_its_layer(tmp_path):
    with pytest.raises(ConfigError) as problem:
        load_settings(env={"SUREFOOT_THREADS": "many"})
    assert str(problem.value).startswith("environment: threads")
    (tmp_path / ".surefoot").mkdir()
    (tmp_path / ".surefoot" / "settings.toml").write_text("thread = 3\n")
    with pytest.raises(ConfigError, match="did you mean threads"):
        load_settings(workspace=tmp_path, env={})
