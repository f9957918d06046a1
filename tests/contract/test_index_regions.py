"""Tables without regions take the first scan as they are, and give its places back."""

from dataclasses import replace

import pytest

from surefoot.core.types import Region
from surefoot.store.lance import Recipe
from surefoot.store.opening import open_index
from surefoot.testing.index_samples import DIMENSIONS, sample

TEXTS = {"en": "Turn the pump off.", "zh": "请先关掉水泵。"}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_scan_joins_documents_without_regions(tmp_path, lang):
    plain = sample("a", TEXTS[lang])
    scan = sample("b", TEXTS[lang], meta={"read_by": "ocr"})
    regions = (Region(0, 4, page=1, box=(0.1, 0.1, 0.9, 0.2)), Region(4, 7, page=2))
    scan = replace(scan, document=replace(scan.document, regions=regions))
    recipe = Recipe("scans", DIMENSIONS)
    index = open_index(str(tmp_path), recipe)
    index.replace([plain])
    index.close()
    index = open_index(str(tmp_path), recipe)
    index.replace([scan])
    again = open_index(str(tmp_path), recipe)
    for opened in (index, again):
        assert opened.document("a").regions == ()
        assert opened.document("b").regions == regions
    again.replace([replace(plain, document=replace(plain.document, title="new"))])
    assert again.document("a").title == "new"
    assert index.document("b").regions == regions
    assert index.check() == []
    again.close()
    index.close()
