"""The base install has no media libraries, loads none, and says what a scan needs."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MEDIA = ("rapidocr", "onnxruntime", "faster_whisper", "ctranslate2", "av", "cv2")

SCRIPT = """
import sys
for name in {media!r}:
    sys.modules[name] = None  # as if it were not installed
import surefoot
with surefoot.open({folder!r}, overrides={{"corpus.embed": {{"kind": "hash"}}}}) as space:
    report = space.add("docs")
    for problem in report.problems:
        print(problem.reason, "|", problem.hint)
    print(report.added, report.failed)
"""


def test_media_libraries_are_an_extra():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    base = " ".join(project["dependencies"]).lower()
    extra = " ".join(project["optional-dependencies"]["media"])
    for name in ("rapidocr", "onnxruntime", "faster-whisper", "av"):
        assert name in extra
        assert f" {name}>" not in f" {base}"
        assert f" {name}=" not in f" {base}"


@pytest.mark.slow
def test_without_them_texts_are_read_and_scans_named_with_their_remedy(tmp_path):
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "note.txt").write_text("A note in plain text. 一段文字。", encoding="utf-8")
    (docs / "scan.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 20)
    script = SCRIPT.format(media=MEDIA, folder=str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr
    problem, counts = done.stdout.strip().splitlines()
    assert "OCR, which is not installed" in problem
    assert 'pip install "surefoot[media]"' in problem
    assert counts.endswith("1")
