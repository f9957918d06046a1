"""What every source must keep: inherit the class, give the fixtures, and pytest runs it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import get_args

from surefoot.config.base import PartSettings
from surefoot.core.roles import Source, SourceItem, SourceProblem


class SourceContract:
    """Give the fixtures `make`, a source over two documents or more with more settings, and `broken`.

    `broken` is a source of the same kind whose place is out of reach.
    """

    def test_every_document_has_an_id_of_its_own(self, make: Callable[..., Source]) -> None:
        source = make()
        items = _items(source)
        assert len(items) >= 2
        assert len({item.id for item in items}) == len(items)
        assert all(item.source == source.name and item.uri for item in items)

    def test_content_is_in_one_place(self, make: Callable[..., Source], tmp_path: Path) -> None:
        for number, item in enumerate(_items(make())):
            places = (item.path, item.document, item.load)
            assert [place is not None for place in places].count(True) == 1
            if item.load is not None:
                folder = tmp_path / f"item-{number}"
                folder.mkdir()
                brought = item.load(folder)
                assert brought.is_file()
                assert brought.resolve().is_relative_to(folder.resolve())

    def test_what_has_not_changed_is_listed_alike(self, make: Callable[..., Source]) -> None:
        once, again = _items(make()), _items(make())
        assert [(i.id, i.fingerprint) for i in once] == [(i.id, i.fingerprint) for i in again]
        assert all(item.fingerprint for item in once)

    def test_metadata_and_readers_are_given_and_count(self, make: Callable[..., Source]) -> None:
        plain = _items(make())
        told = _items(make(meta={"部门": "ops"}, users=("ann",), groups=("部门一",)))
        assert all(item.acl.public for item in plain)
        for item in told:
            assert item.meta["部门"] == "ops"
            assert (item.acl.public, item.acl.users, item.acl.groups) == (
                False,
                ("ann",),
                ("部门一",),
            )
        assert {item.fingerprint for item in plain}.isdisjoint(i.fingerprint for i in told)

    def test_a_name_begins_the_ids(self, make: Callable[..., Source]) -> None:
        assert make(name="另名").name == "另名"

    def test_out_of_reach_is_said_and_nothing_is_lost(self, broken: Source) -> None:
        found = list(broken.items())
        assert found
        for problem in found:
            assert isinstance(problem, SourceProblem)
            assert problem.keep
            assert problem.reason
            assert problem.hint
            assert problem.id == broken.name

    def test_its_settings_name_their_kind(self, make: Callable[..., Source]) -> None:
        settings: type[PartSettings] = type(make()).Settings  # type: ignore[attr-defined]
        kinds = get_args(settings.model_fields["kind"].annotation)
        assert kinds == (settings.model_fields["kind"].default,)


def _items(source: Source) -> list[SourceItem]:
    return [found for found in source.items() if isinstance(found, SourceItem)]
