"""Citations of scans and recordings get their place; those of other documents cost no look into the index."""

import pytest

from surefoot.core.types import Answer, Chunk, Citation, Document, Query, Region, Turn
from surefoot.run.locating import Locator

TEXTS = {
    "en": "Turn the pump off. Call the workshop.",
    "zh": "先把水泵关掉。然后打电话给工厂。",
}


class FakeIndex:
    def __init__(self, document):
        self.found = document
        self.asked = 0

    def document(self, document_id, *, scope):
        self.asked += 1
        return self.found


def made(lang, regions, meta):
    text = TEXTS[lang]
    cut = text.index(". " if lang == "en" else "。") + (2 if lang == "en" else 1)
    chunk = Chunk("d#0", "d", text, 0, len(text), meta=meta)
    document = Document("d", "d.bin", "x", text, meta=meta, regions=regions(cut, len(text)))
    quote = text[cut:]
    citation = Citation(1, 0, len(quote), chunk, cut, len(text), quote)
    return document, Turn(Query("?"), answer=Answer(quote, (citation, citation)))


def pages(cut, end):
    return (
        Region(0, cut, page=1, box=(0.1, 0.1, 0.9, 0.2)),
        Region(cut, end, page=2, box=(0.1, 0.3, 0.6, 0.4)),
    )


def sound(cut, end):
    return (Region(0, cut, seconds=(0.0, 2.5)), Region(cut, end, seconds=(2.9, 6.0)))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_citation_of_a_scan_has_its_box(lang):
    document, turn = made(lang, pages, {"read_by": "ocr"})
    index = FakeIndex(document)
    region = Locator(lambda: index)(turn).answer.citations[1].region
    assert (region.page, region.box) == (2, (0.1, 0.3, 0.6, 0.4))
    assert index.asked == 1


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_citation_of_a_recording_has_its_second(lang):
    document, turn = made(lang, sound, {"read_by": "speech"})
    located = Locator(lambda: FakeIndex(document))(turn)
    assert located.answer.citations[0].region.seconds == (2.9, 6.0)


def test_other_documents_are_not_looked_up():
    _, turn = made("en", pages, {"author": "Ann"})

    def unopened():
        raise AssertionError

    assert Locator(unopened)(turn) is turn
    assert Locator(unopened)(Turn(Query("?"))).answer is None


def test_a_document_that_is_gone_or_another_by_now_gives_no_place():
    document, turn = made("en", pages, {"read_by": "ocr"})
    for found in (None, Document("d", "d.bin", "y", "Another text.", regions=document.regions)):
        located = Locator(lambda found=found: FakeIndex(found))(turn)
        assert located.answer.citations[0].region is None
