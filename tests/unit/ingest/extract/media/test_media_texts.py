"""What was said and when; which pages are pictures; why a file is not read."""

import io

import pytest

from surefoot.config.media import Media
from surefoot.config.solution import Limits
from surefoot.core.errors import DataError
from surefoot.ingest.extract.media import process
from surefoot.ingest.extract.media.orders import NeedsMedia, Orders, lacks_packages
from surefoot.ingest.extract.media.process import MediaTools, orders_for
from surefoot.ingest.extract.media.reader import MediaReader
from surefoot.ingest.extract.media.recordings import transcript
from surefoot.ingest.extract.media.scans import scanned_pages
from surefoot.ingest.extract.read import read_file
from surefoot.models.media import Said


def said(*stretches, language="en"):
    return [Said(text, start, end, language, 0.9) for text, start, end in stretches]


@pytest.mark.parametrize(
    ("stretches", "text"),
    [
        (
            said(("The pump is warm.", 0.0, 2.0), ("Turn it off.", 2.2, 4.0), ("Now", 7.0, 8.0)),
            "The pump is warm. Turn it off.\n\nNow\n",
        ),
        (
            said(
                ("水泵很热。", 0.0, 2.0), ("把它关掉", 2.2, 4.0), ("现在", 4.1, 8.0), language="zh"
            ),
            "水泵很热。把它关掉\n现在\n",
        ),
    ],
)
def test_a_transcript_knows_when_each_stretch_was_said(stretches, text):
    found, regions = transcript(stretches)
    assert found == text
    assert [found[one.start : one.end] for one in regions] == [one.text for one in stretches]
    assert [one.seconds for one in regions] == [(one.start, one.end) for one in stretches]


def test_silence_gives_nothing():
    assert transcript([]) == ("", ())


@pytest.mark.parametrize(
    ("need", "orders", "words"),
    [
        ("ocr", Orders(), "which is not installed"),
        ("speech", Orders(), "which is not installed"),
        ("ocr", Orders(ocr="off"), "which is switched off"),
        ("speech", Orders(speech="off"), "which is switched off"),
    ],
)
def test_what_is_not_read_has_a_remedy(need, orders, words):
    with pytest.raises(DataError, match=words) as problem:
        MediaReader(orders).require(need, "is a file")
    assert problem.value.hint.startswith("set corpus.media." if "off" in words else "pip install")
    assert lacks_packages(problem.value.message) is ("installed" in words)


def test_another_process_is_asked():
    with pytest.raises(NeedsMedia):
        MediaReader(Orders(ocr="leave")).require("ocr", "is a picture")


@pytest.mark.parametrize("there", [True, False])
def test_orders_follow_settings_and_installation(monkeypatch, tmp_path, there):
    monkeypatch.setattr(process, "find_spec", lambda name: object() if there else None)
    orders = orders_for(Limits(), MediaTools(Media(speech=False), lambda: tmp_path))
    assert (orders.ocr, orders.speech) == ("leave" if there else "absent", "off")
    assert orders_for(Limits(), None).ocr == "absent"


def blank_pdf(picture=None):
    from PIL import Image

    file = io.BytesIO()
    (picture or Image.new("RGB", (300, 400), "white")).save(file, format="PDF")
    return file.getvalue()


@pytest.mark.parametrize(
    ("layer", "ocr", "found"),
    [
        ("", "auto", (0,)),
        ("Scanned by a phone", "auto", (0,)),
        ("\ue001\ue002\ue003\ue004 \ue005\ue006" * 20, "auto", (0,)),
        (
            "A page with a sound text layer over the picture, as scanners make them. " * 2,
            "auto",
            (),
        ),
        ("一页有文字层的扫描件，文字层是完好的，用不着再识别一遍。" * 3, "auto", ()),
        ("A sound text layer. " * 9, "always", (0,)),
    ],
)
def test_pages_without_a_sound_text_layer_are_recognised(layer, ocr, found):
    assert scanned_pages(blank_pdf(), [layer], ocr) == found


def test_recordings_may_be_larger_than_other_files(tmp_path):
    file = tmp_path / "talk.mp3"
    file.write_bytes(b"ID3\x04" + b"\0" * 2 * 1024 * 1024)
    small = Limits(max_file_mb=1)
    with pytest.raises(DataError, match="over the limit"):
        read_file(file, small)
    with pytest.raises(NeedsMedia):
        read_file(file, small, MediaReader(Orders(speech="leave")))
