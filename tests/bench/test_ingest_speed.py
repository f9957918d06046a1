"""How much of the raw encoder's speed ingestion keeps, and what a sync with nothing to do costs.

Run with -s to see the figures. Ratios of one run; a busy machine moves both sides.
"""

import os
from pathlib import Path
from time import perf_counter, process_time

import pytest

from surefoot.config.settings import load_settings
from surefoot.core.errors import MissingError, TransientError
from surefoot.core.roles import Extracted
from surefoot.ingest.chunk import StructureChunker, StructureSettings
from surefoot.ingest.sources import FolderSettings, FolderSource
from surefoot.ingest.sources.beir import BeirSettings, BeirSource
from surefoot.ingest.sync import Tools, make_plan, run
from surefoot.models.base import ModelEnv
from surefoot.models.embed import LocalEncoder, LocalSettings
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.store.lance import Recipe
from surefoot.store.opening import open_index

pytestmark = [pytest.mark.slow, pytest.mark.bench]

DATA = Path(os.environ.get("SUREFOOT_DATA", Path(__file__).parents[2] / "../shared/data"))
SETS = ("csl-zh-a", "xquad-en")
STEP = int(os.environ.get("SUREFOOT_BENCH_STEP", "1"))


class Some:
    """Every n-th row of a corpus."""

    def __init__(self, source, step):
        self.name = source.name
        self._items = list(source.items())[::step]

    def items(self):
        yield from self._items


@pytest.mark.data
@pytest.mark.timeout(3000)
def test_ingestion_keeps_four_fifths_of_the_encoders_speed(tmp_path):
    if not all((DATA / name).is_dir() for name in SETS):
        pytest.skip("the public data sets are not here (SUREFOOT_DATA)")
    try:
        env = ModelEnv(load_settings(env=os.environ).settings.models, offline=True, threads=1)
        encoder = LocalEncoder(LocalSettings(), env)
    except (MissingError, TransientError) as problem:
        pytest.skip(f"the weights are not to be had: {problem}")
    sources = [
        Some(BeirSource(BeirSettings(path=str(DATA / name)), tmp_path), STEP) for name in SETS
    ]
    chunker = StructureChunker(StructureSettings(), encoder)
    documents = [item.document for source in sources for item in source.items()]
    texts = [chunker.indexed_text(c) for document in documents for c in chunker.chunk(document)]
    encoder.embed_passages(texts[:32])
    recipe = Recipe("0123456789abcdef", encoder.dimensions, {}, encoder.digest)
    index = open_index(str(tmp_path / "lance"), recipe)

    wall, spent = perf_counter(), process_time()
    encoder.embed_passages(texts)
    raw_wall, raw = perf_counter() - wall, process_time() - spent

    wall, spent = perf_counter(), process_time()
    planned = make_plan(sources, index.states())
    report = run(planned, Tools(index, chunker, encoder, lambda paths: iter(paths)))
    whole_wall, whole = perf_counter() - wall, process_time() - spent
    index.close()
    encoder.close()
    print(
        f"\n{len(texts)} texts: encoder alone {len(texts) / raw:.0f} a processor second, "
        f"ingestion {len(texts) / whole:.0f}: {raw / whole:.0%} (by the clock {raw_wall / whole_wall:.0%})"
    )
    assert report.over_budget == 0
    assert report.chunks == len(texts)
    assert raw / whole >= 0.8


def test_a_sync_with_nothing_to_do_over_a_thousand_files(tmp_path):
    for number in range(1000):
        path = tmp_path / "docs" / str(number % 20) / f"页{number}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# Page {number}\n\nText 文字 {number}.", encoding="utf-8")
    encoder = HashEncoder(HashSettings(dimensions=64))
    index = open_index(str(tmp_path / "lance"), Recipe("0123456789abcdef", 64, {}, encoder.digest))
    source = FolderSource(FolderSettings(path="docs"), tmp_path)
    chunker = StructureChunker(StructureSettings(), encoder)

    def read(paths):
        for path in paths:
            yield path, Extracted(path.read_text(encoding="utf-8"))

    def sync():
        spent = process_time()
        planned = make_plan([source], index.states())
        return run(planned, Tools(index, chunker, encoder, read)), process_time() - spent

    first, _ = sync()
    again, seconds = sync()
    index.close()
    print(f"\nnothing to do over 1,000 files: {seconds:.2f} processor seconds")
    assert first.added == again.unchanged == 1000
    assert seconds < 0.5
