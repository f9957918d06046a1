"""Finds the pictures of an index by what they show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from surefoot.config.images import Images
from surefoot.core.errors import DataError
from surefoot.run.places import INNER, Place, index_name
from surefoot.store.pictures import PictureBook

if TYPE_CHECKING:
    from surefoot.models.base import ModelEnv


class PictureSearch:
    """All pictures of one index by their nearness to a question: every vector is compared."""

    def __init__(self, settings: Images, env: ModelEnv, place: Place, recipe: str) -> None:
        from surefoot.models.embed_image import ImageTextEncoder

        self.settings = settings
        self.encoder = ImageTextEncoder(settings, env)
        self._book = PictureBook(place.root / INNER)
        self._place = index_name(place.tables, recipe)

    def nearest(self, question: str, /) -> list[tuple[str, str, float]]:
        """Every picture as document id, digest of its content and cosine, nearest first; nothing is asked for none.

        Raises:
            SurefootError: the endpoint is out of reach, refuses, or sends no vector of this space.
        """
        named, matrix = self._book.vectors(self._place)
        if not named:
            return []
        vector = self.encoder.embed_question(question)
        if len(vector) != matrix.shape[1]:
            raise other_length(len(vector), matrix.shape[1], self.settings.base_url)
        cosines = (matrix @ vector).tolist()
        found = [(*one, cosine) for one, cosine in zip(named, cosines, strict=True)]
        return sorted(found, key=lambda one: (-one[2], one[0]))

    def close(self) -> None:
        """Closes the connections."""
        self.encoder.close()


def other_length(came: int, held: int, where: str) -> DataError:
    """What is wrong when vectors have another length than those kept."""
    return DataError(
        f"vectors of {came} dimensions came, those kept have {held}",
        where=where,
        hint="another model answers under this name: change model in [corpus.images]",
    )
