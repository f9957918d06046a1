"""The losses of an encoder: those of sentence-transformers, and one against passages whose vectors stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from surefoot.tune.encoder.base_folder import BaseEncoder
from surefoot.tune.encoder.settings import EmbedderSettings

if TYPE_CHECKING:
    from surefoot.core.roles import Vectors

PIECE = 8


def pair_loss(model: Any, settings: EmbedderSettings, base: BaseEncoder) -> Any:
    """The loss of both sides that the settings name."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import losses

    scale = settings.scale
    if settings.loss == "cached":
        return losses.CachedMultipleNegativesRankingLoss(model, scale=scale, mini_batch_size=PIECE)
    if settings.loss == "gist":
        guide = SentenceTransformer(str(base.folder), device=str(model.device))
        return losses.GISTEmbedLoss(model, guide=guide, temperature=1 / scale)
    if settings.loss == "margin":
        return losses.MarginMSELoss(model, similarity_fct=_scaled_cosines(scale))
    return losses.MultipleNegativesRankingLoss(model, scale=scale)


def query_loss(model: Any, passages: Vectors, right: Mapping[int, int], scale: float) -> Any:
    """Cross-entropy over all passages (n x dimensions), whose vectors do not change; a label is a row's number."""
    import torch

    class AgainstPassages(torch.nn.Module):  # type: ignore[misc]
        """The right passage of each row among all."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model
            places = torch.tensor([right[i] for i in range(len(right))])
            self.register_buffer("places", places)
            self.register_buffer("passages", torch.from_numpy(passages))

        def forward(self, features: list[Any], labels: Any) -> Any:
            asked = self.model(features[0])["sentence_embedding"].float()
            similar = asked @ self.passages.T * scale
            return torch.nn.functional.cross_entropy(similar, self.places[labels])

    return AgainstPassages().to(model.device)


def _scaled_cosines(scale: float) -> Any:
    from sentence_transformers.util import pairwise_cos_sim

    def similar(asked: Any, passages: Any) -> Any:
        return scale * pairwise_cos_sim(asked, passages)

    return similar
