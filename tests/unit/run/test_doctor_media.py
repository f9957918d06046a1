"""The doctor says whether scans and recordings can be read."""

import pytest

from surefoot.config.catalog import load_catalog
from surefoot.ingest.extract.media import process
from surefoot.run.doctor import examine


def told(monkeypatch, tmp_path, *, there, offline=False):
    monkeypatch.setattr(process, "find_spec", lambda name: object() if there else None)
    found = examine(None, {"models": str(tmp_path), "offline": offline})
    return {one.subject: one for one in found}


def test_nothing_is_said_without_the_extra(monkeypatch, tmp_path):
    found = told(monkeypatch, tmp_path, there=False)
    assert not {"scans and pictures", "recordings"} & set(found)


@pytest.mark.parametrize(("offline", "level"), [(False, "ok"), (True, "warning")])
def test_absent_speech_weights_are_told_with_their_command(monkeypatch, tmp_path, offline, level):
    found = told(monkeypatch, tmp_path, there=True, offline=offline)
    assert found["scans and pictures"].level == "ok"
    assert found["recordings"].level == level
    assert found["recordings"].hint == "surefoot models fetch " + load_catalog().default("speech")
