"""A large text is ingested within three gigabytes, the reading process included; over the limit it is refused.

CI reads 40 MB, which shows that memory grows with the text no faster than it should. 200 MB, some three
minutes of processor time, are read by `make bench`: there the peak was 1.7 GB for a new file and 2.0 GB
for one that had been refused before.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from surefoot.config.solution import Limits
from surefoot.ingest.chunk import StructureChunker, StructureSettings
from surefoot.ingest.extract import ExtractorPool
from surefoot.ingest.sources import FolderSettings, FolderSource
from surefoot.ingest.sync import Tools, make_plan, run
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.store.lance import Recipe
from surefoot.store.opening import open_index

ENCODER = HashEncoder(HashSettings())
RECIPE = Recipe("0123456789abcdef", ENCODER.dimensions, {}, ENCODER.digest)
EN = "The pump {0} stops at night because valve {1} is closed. See section {0} of the manual. "
ZH = "第{0}号泵夜间停止运行，因为阀门{1}已关闭。请参阅手册第{0}节。"


def write_text(path: Path, megabytes: int) -> None:
    with path.open("wb") as file:
        number = 0
        while file.tell() < megabytes * 1_000_000:
            number += 1
            sentence = ZH if number % 5 == 0 else EN
            text = "".join(sentence.format(number, part) for part in range(4)) + "\n\n"
            file.write(text.encode())
        file.write(b"The last word is zqlastx.\n")


class Peak:
    """The largest resident memory of this process and its children, watched while it is open."""

    def __enter__(self):
        self.bytes = 0
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._look)
        self._watch.start()
        return self

    def __exit__(self, *problem):
        self._over.set()
        self._watch.join()

    def _look(self):
        me = psutil.Process()
        while not self._over.wait(0.2):
            total = 0
            for process in (me, *me.children(recursive=True)):
                try:
                    total += process.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            self.bytes = max(self.bytes, total)


def synced(root, index, limits):
    source = FolderSource(FolderSettings(path="docs"), root)
    chunker = StructureChunker(StructureSettings(), ENCODER)
    with ExtractorPool(limits) as pool:
        planned = make_plan([source], index.states(), retry_failed=True)
        return run(planned, Tools(index, chunker, ENCODER, pool.map))


def ingested(root, megabytes):
    """The largest memory of the whole process tree, in bytes."""
    (root / "docs").mkdir()
    write_text(root / "docs" / "big.txt", megabytes)
    index = open_index(str(root / "lance"), RECIPE)
    refused = synced(root, index, Limits(max_file_mb=10))
    assert (refused.added, refused.failed) == (0, 1)
    assert "over the limit of 10 MB" in refused.problems[0].reason
    assert "corpus.limits.max_file_mb" in refused.problems[0].hint
    with Peak() as peak:
        report = synced(root, index, Limits(max_file_mb=megabytes + 1))
    (hit,) = index.keyword("zqlastx", limit=1)
    index.close()
    print(f"{report.summary()}; peak {peak.bytes / 1e9:.2f} GB")
    assert (report.failed, report.over_budget, report.chunks > 100) == (0, 0, True)
    assert hit.chunk.text.endswith("zqlastx.")
    return peak.bytes


def peak_of_a_fresh_process(root, megabytes):
    """Measured apart from what other tests left in this process's memory."""
    command = [sys.executable, __file__, str(root), str(megabytes)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    print(result.stdout)
    return int(result.stdout.split()[-1])


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_forty_megabytes_fit_into_1200(tmp_path):
    assert peak_of_a_fresh_process(tmp_path, 40) < 1_200_000_000


@pytest.mark.bench
@pytest.mark.timeout(3000)
def test_two_hundred_megabytes_fit_into_three_gigabytes(tmp_path):
    assert peak_of_a_fresh_process(tmp_path, 200) < 3_000_000_000


if __name__ == "__main__":
    print(ingested(Path(sys.argv[1]), int(sys.argv[2])))
