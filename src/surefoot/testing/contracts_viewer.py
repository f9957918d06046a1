"""What every viewer must keep: inherit the class, give the fixtures, and pytest runs it."""

from __future__ import annotations

from typing import get_args

import pytest

from surefoot.config.base import PartSettings
from surefoot.core.lang import detect
from surefoot.core.roles import PASSAGE, Chunker, Viewer
from surefoot.core.types import Chunk, Document

TEXTS = {
    "en": (
        "# Cards\n\nA card is a piece of plastic. The card comes by post. It takes five days. "
        "Whoever lives abroad waits longer.\n\n## Where is my card?\n\n"
        + "We send the card on the next working day. The post office keeps it for a week. " * 8
        + "\n\n## Losing a card\n\n"
        + "Call the bank at once. The bank blocks the card. A new card costs nine euros. " * 8
    ),
    "zh": (
        "# 银行卡\n\n银行卡是一种塑料卡片。卡会寄到家里。需要五天时间。住在国外的人等得更久。\n\n## 我的卡在哪里？\n\n"
        + "我们会在下一个工作日寄出卡片。邮局保管一个星期。" * 8
        + "\n\n## 丢失卡片\n\n"
        + "请立即致电银行。银行会冻结卡片。新卡需要九欧元。" * 8
    ),
}


class DocumentFixtures:
    """A document about cards in each language and its chunks; `chunker` is given by who inherits it."""

    @pytest.fixture(params=sorted(TEXTS))
    def document(self, request: pytest.FixtureRequest) -> Document:
        text = TEXTS[request.param]
        return Document("d", "d.md", "x", text, title=text[2:5].strip(), lang=detect(text))

    @pytest.fixture
    def chunks(self, chunker: Chunker, document: Document) -> list[Chunk]:
        found = chunker.chunk(document)
        assert len(found) > 1
        return found


class ViewerContract(DocumentFixtures):
    """Give the fixtures `viewer`, and `chunker` that cuts a document of some hundred words more than once."""

    def test_every_view_is_of_a_chunk_and_says_something(
        self, viewer: Viewer, document: Document, chunks: list[Chunk]
    ) -> None:
        places = {chunk.index for chunk in chunks}
        views = list(viewer.views(document, chunks))
        assert views
        for view in views:
            assert view.chunk in places
            assert view.text == view.text.strip() != ""
            assert detect(view.text) == document.lang

    def test_the_same_document_gives_the_same_views(
        self, viewer: Viewer, document: Document, chunks: list[Chunk]
    ) -> None:
        assert list(viewer.views(document, chunks)) == list(viewer.views(document, chunks))

    def test_no_chunks_have_no_views(self, viewer: Viewer) -> None:
        assert list(viewer.views(Document("e", "e", "x", ""), [])) == []

    def test_it_has_a_name_and_says_how_it_is_embedded(self, viewer: Viewer) -> None:
        assert viewer.name not in ("", PASSAGE)
        assert viewer.asks in (True, False)

    def test_its_settings_are_described(self, viewer: Viewer) -> None:
        settings: type[PartSettings] = type(viewer).Settings  # type: ignore[attr-defined]
        assert (settings.__doc__ or "").strip()
        assert len(get_args(settings.model_fields["kind"].annotation)) == 1
        for name, field in settings.model_fields.items():
            assert name == "kind" or field.description
