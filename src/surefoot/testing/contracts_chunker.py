"""What every chunker must keep: inherit the class, give the fixture, and pytest runs it."""

from __future__ import annotations

from typing import get_args

import pytest

from surefoot.config.base import PartSettings
from surefoot.core.roles import Chunker, Encoder
from surefoot.core.types import Document

_TEXTS = {
    "en": (
        "# Pump\n\nThe pump moves water. It starts at six. Dr. Smith checks the valve, e.g. for rust.\n\n"
        "## Repair\n\n- Close the tap.\n- Open the cover.\n\n| part | price |\n|---|---|\n| seal | 4 |\n| cap | 9 |\n\n"
        "```py\nx = 1\n# no heading\n```\n\n"
        + "Holidays are asked for two weeks ahead. Whoever is ill calls before nine. "
        * 9
    ),
    "zh": (
        "# 水泵\n\n水泵用来输送水。它六点启动。请张博士检查阀门，例如是否生锈。\n\n"
        "## 维修\n\n- 关上水龙头。\n- 打开盖子。\n\n| 零件 | 价格 |\n|---|---|\n| 密封圈 | 4 |\n| 盖子 | 9 |\n\n"
        "```py\nx = 1\n# 不是标题\n```\n\n"
        + "请提前两周申请休假。生病的人要在九点以前打电话。"
        * 12
    ),
}


class ChunkerContract:
    """Give the fixtures `encoder` and `chunker`; it must cut a document of some hundred words at least once."""

    @pytest.fixture(params=sorted(_TEXTS))
    def document(self, request: pytest.FixtureRequest) -> Document:
        text = _TEXTS[request.param]
        pages = (0, text.index("## "))
        return Document(
            "d", "d.md", "x", text, title="Guide 指南", pages=pages, meta={"year": 2024}
        )

    def test_every_chunk_is_an_exact_span(self, chunker: Chunker, document: Document) -> None:
        for chunk in chunker.chunk(document):
            assert chunk.text == document.text[chunk.start : chunk.end]
            assert chunk.text.strip() == chunk.text != ""

    def test_all_text_is_in_a_chunk_and_they_are_in_order(
        self, chunker: Chunker, document: Document
    ) -> None:
        end = 0
        chunks = chunker.chunk(document)
        for chunk in sorted(chunks, key=lambda chunk: chunk.start):
            assert not document.text[end : chunk.start].strip()
            end = max(end, chunk.end)
        assert not document.text[end:].strip()
        assert [chunk.index for chunk in chunks] == list(range(len(chunks)))
        assert [chunk.start for chunk in chunks] == sorted(chunk.start for chunk in chunks)
        assert len(chunks) > 1

    def test_it_is_told_where_it_comes_from(self, chunker: Chunker, document: Document) -> None:
        chunks = chunker.chunk(document)
        for chunk in chunks:
            assert (chunk.document_id, chunk.uri, chunk.title) == ("d", "d.md", "Guide 指南")
            assert chunk.meta == {"year": 2024}
            assert chunk.page == (2 if chunk.start >= document.pages[1] else 1)
        assert len(chunks[-1].headings) == 2

    def test_what_is_indexed_fits_the_encoder(
        self, chunker: Chunker, encoder: Encoder, document: Document
    ) -> None:
        texts = [chunker.indexed_text(chunk) for chunk in chunker.chunk(document)]
        assert max(encoder.count_tokens(texts)) <= encoder.max_tokens
        assert all(
            text.endswith(c.text) for text, c in zip(texts, chunker.chunk(document), strict=True)
        )

    def test_ids_are_made_of_what_is_indexed(self, chunker: Chunker, document: Document) -> None:
        chunks = chunker.chunk(document)
        assert chunks == chunker.chunk(document)
        assert len({chunk.id for chunk in chunks}) == len(chunks)
        assert all(chunk.id.startswith("d#") for chunk in chunks)

    def test_nothing_gives_nothing(self, chunker: Chunker) -> None:
        for text in ("", " \n\t\u3000\n"):
            assert chunker.chunk(Document("d", "d.md", "x", text)) == []

    def test_its_settings_have_a_kind_and_survive_json(self, chunker: Chunker) -> None:
        settings: type[PartSettings] = type(chunker).Settings  # type: ignore[attr-defined]
        kinds = get_args(settings.model_fields["kind"].annotation)
        assert kinds == (settings.model_fields["kind"].default,)
        given = settings.model_validate({"kind": kinds[0]})
        assert settings.model_validate_json(given.model_dump_json()) == given
