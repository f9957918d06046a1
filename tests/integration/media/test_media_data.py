"""What must be found in real scans and pictures. Reads the public data sets."""

import json
import os
from pathlib import Path

import pytest

from surefoot.config.media import Media
from surefoot.config.settings import load_settings
from surefoot.config.solution import Limits
from surefoot.core.roles import Extracted
from surefoot.ingest.extract import ExtractorPool
from surefoot.ingest.extract.media.process import MediaTools
from surefoot.models.base import ModelEnv
from surefoot.models.media.weights import speech_folder

pytest.importorskip("rapidocr", reason='needs pip install "surefoot[media]"')
DATA = Path(os.environ.get("SUREFOOT_DATA", Path(__file__).parents[4] / "shared" / "data"))
pytestmark = [
    pytest.mark.slow,
    pytest.mark.data,
    pytest.mark.skipif(
        not (DATA / "mixed-docs").is_dir(), reason=f"no data sets at {DATA} (SUREFOOT_DATA)"
    ),
]


def rows(need):
    lines = (DATA / "mixed-docs" / "expected.jsonl").read_text(encoding="utf-8").splitlines()
    return {row["file"]: row for row in map(json.loads, lines) if row["needs"] == need}


def read(need):
    settings = load_settings().settings
    env = ModelEnv(settings.models, settings.offline, settings.threads)
    tools = MediaTools(Media(), lambda: speech_folder("", env), settings.threads)
    with ExtractorPool(Limits(), media=tools) as pool:
        found = pool.map([DATA / "mixed-docs" / "files" / name for name in rows(need)])
        return {path.name: result for path, result in found}


def test_every_expected_text_of_scans_and_pictures_is_found():
    found, expected = read("ocr"), rows("ocr")
    assert len(found) == 4
    for name, result in found.items():
        assert isinstance(result, Extracted), result
        text = "".join(result.text.split())
        for wanted in expected[name]["must_contain"]:
            assert "".join(wanted.split()) in text
        for region in result.regions:
            assert result.text[region.start : region.end].strip()
            assert region.page == 1
            assert 0 <= region.box[0] < region.box[2] <= 1


def test_the_recording_is_transcribed():
    (result,) = read("asr").values()
    assert isinstance(result, Extracted), result
    assert "Shakespeare" in result.text
    assert "public domain" in result.text
    assert result.regions[-1].seconds[1] <= 10.1
