"""A text of 200 MB is ingested within three gigabytes."""

from __future__ import annotations

import threading

import psutil
import pytest

from surefoot.config.solution import Cleaning
from surefoot.core.roles import Extracted
from surefoot.ingest.chunk import StructureChunker, StructureSettings
from surefoot.ingest.sources import FolderSettings, FolderSource
from surefoot.ingest.sync import Tools, make_plan, run
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.store.lance import Recipe, open_index

MEGABYTES = 200
EN = "The pump {0} stops at night because valve {1} is closed. See section {0} of the manual. "
ZH = "第{0}号泵夜间停止运行，因为阀门{1}已关闭。请参阅手册第{0}节。"


def write_text(path):
    with path.open("w", encoding="utf-8") as file:
        number = size = 0
        while size < MEGABYTES * 1_000_000:
            number += 1
            sentence = ZH if number % 5 == 0 else EN
            text = "".join(sentence.format(number, part) for part in range(4)) + "\n\n"
            size += file.write(text) if sentence is EN else file.write(text) * 3
        file.write("The last word is zqlastx.\n")


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


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_two_hundred_megabytes_fit_into_three_gigabytes(tmp_path):
    (tmp_path / "docs").mkdir()
    write_text(tmp_path / "docs" / "big.txt")
    encoder = HashEncoder(HashSettings(dimensions=64))
    index = open_index(str(tmp_path / "lance"), Recipe("0123456789abcdef", 64, {}, encoder.digest))
    source = FolderSource(FolderSettings(path="docs"), tmp_path)
    chunker = StructureChunker(StructureSettings(), encoder)

    def read(paths):
        for path in paths:
            yield path, Extracted(path.read_text(encoding="utf-8"), markup="plain")

    with Peak() as peak:
        planned = make_plan([source], index.states())
        report = run(planned, Tools(index, chunker, encoder, read, Cleaning()))
    (hit,) = index.keyword("zqlastx", limit=1)
    index.close()
    print(f"{report.summary()}; peak {peak.bytes / 1e9:.2f} GB")
    assert (report.added, report.failed, report.over_budget) == (1, 0, 0)
    assert hit.chunk.text.endswith("zqlastx.")
    assert peak.bytes < 3_000_000_000
