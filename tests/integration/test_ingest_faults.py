"""Real files, the real reader, the real tables: each fault is one clear line, and the rest is ingested."""

from __future__ import annotations

import resource
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from surefoot.config.solution import Limits
from surefoot.ingest.chunk import StructureChunker, StructureSettings
from surefoot.ingest.extract import ExtractorPool
from surefoot.ingest.sources import FolderSettings, FolderSource
from surefoot.ingest.sync import Tools, make_plan, run
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.store.lance import Recipe
from surefoot.store.opening import open_index

ENCODER = HashEncoder(HashSettings(dimensions=64))
RECIPE = Recipe("0123456789abcdef", 64, {}, ENCODER.digest)


def synced(root, index):
    source = FolderSource(FolderSettings(path="docs"), root)
    chunker = StructureChunker(StructureSettings(), ENCODER)
    with ExtractorPool(Limits(max_file_mb=1), workers=1) as pool:
        planned = make_plan([source], index.states())
        return run(planned, Tools(index, chunker, ENCODER, pool.map))


@pytest.mark.slow
def test_each_fault_is_said_and_the_rest_is_ingested(tmp_path):
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "good.md").write_text("# Pump\n\nThe pump stops at night.", encoding="utf-8")
    (docs / "旧文档.txt").write_bytes("泵在夜间停止运行，阀门由人工关闭。".encode("gb18030"))
    (docs / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing of the kind")
    (docs / "empty.txt").touch()
    (docs / "large.txt").write_text("word " * 300_000, encoding="utf-8")
    (docs / "folder.txt").mkdir()
    (docs / "dead.md").symlink_to(docs / "nothing")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (docs / "out.txt").symlink_to(tmp_path / "secret.txt")
    with zipfile.ZipFile(docs / "bomb.docx", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("word/document.xml", b"\0" * 60_000_000)
    index = open_index(str(tmp_path / "lance"), RECIPE)
    report = synced(tmp_path, index)
    states = {state.id: state.status for state in index.states()}
    assert states == {
        "docs/good.md": "ok",
        "docs/旧文档.txt": "ok",
        "docs/broken.pdf": "failed",
        "docs/large.txt": "failed",
        "docs/bomb.docx": "failed",
        "docs/empty.txt": "empty",
    }
    assert sorted(problem.id for problem in report.problems) == [
        "docs/bomb.docx",
        "docs/broken.pdf",
        "docs/dead.md",
        "docs/large.txt",
        "docs/out.txt",
    ]
    assert all(problem.reason and problem.hint for problem in report.problems)
    (hit,) = index.keyword("阀门", limit=1)
    assert hit.chunk.document_id == "docs/旧文档.txt"
    again = synced(tmp_path, index)
    index.close()
    assert (again.unchanged, again.added, again.chunks) == (6, 0, 0)


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
sys.path.insert(0, {folder!r})
import test_ingest_faults as faults
from surefoot.core.errors import SurefootError
root = Path(sys.argv[1])
index = faults.open_index(str(root / "lance"), faults.RECIPE)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, resource.RLIM_INFINITY))
try:
    faults.synced(root, index)
except SurefootError as problem:
    print(problem)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="no limit on file sizes here")
def test_a_disk_that_fills_is_said_with_its_remedy(tmp_path):
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.md").write_text("# A\n\nThe pump stops.", encoding="utf-8")
    index = open_index(str(tmp_path / "lance"), RECIPE)
    synced(tmp_path, index)
    for number in range(60):
        (docs / f"{number}.md").write_text(f"阀门 {number} valve. " * 400, encoding="utf-8")
    script = FULL_DISK.format(folder=str(Path(__file__).parent))
    process = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert "the disk is full" in process.stdout, process.stdout + process.stderr
    assert "surefoot sync" in process.stdout
    assert [state.id for state in index.states()] == ["docs/a.md"]
    report = synced(tmp_path, index)
    index.close()
    assert (report.added + report.duplicates, report.unchanged) == (60, 1)
