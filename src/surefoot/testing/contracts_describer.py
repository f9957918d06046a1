"""What every describer must keep: inherit the class, give the fixtures, and pytest runs it."""

from __future__ import annotations

from typing import get_args

from surefoot.config.base import PartSettings
from surefoot.core.roles import Describer, SourceItem
from surefoot.core.types import Document


class DescriberContract:
    """Give the fixtures `describer`, `item` and `document`, about which the describer has something to say."""

    def test_it_adds_metadata_and_loses_none(
        self, describer: Describer, item: SourceItem, document: Document
    ) -> None:
        after = describer.describe(item, document)
        assert after.meta != document.meta
        assert set(document.meta) <= set(after.meta)
        assert all(
            isinstance(value, str | int | float | bool | tuple) for value in after.meta.values()
        )

    def test_the_document_stays_the_same_document(
        self, describer: Describer, item: SourceItem, document: Document
    ) -> None:
        after = describer.describe(item, document)
        assert (after.id, after.uri, after.digest, after.acl) == (
            document.id,
            document.uri,
            document.digest,
            document.acl,
        )
        assert document.text.endswith(after.text)

    def test_the_same_item_is_described_alike(
        self, describer: Describer, item: SourceItem, document: Document
    ) -> None:
        assert describer.describe(item, document) == describer.describe(item, document)
        assert describer.mark(item) == describer.mark(item)
        assert describer.beside_text in (True, False)

    def test_a_document_is_no_description(self, describer: Describer, item: SourceItem) -> None:
        assert not describer.is_description(item)

    def test_its_settings_survive_json(self, describer: Describer) -> None:
        settings: type[PartSettings] = type(describer).Settings  # type: ignore[attr-defined]
        kinds = get_args(settings.model_fields["kind"].annotation)
        assert kinds == (settings.model_fields["kind"].default,)
