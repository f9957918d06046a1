"""How an encoder or a reranker is trained. Knows no weights."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from surefoot.config.base import PartSettings


class EncoderTraining(PartSettings):
    """What every training of a BERT-family network is told."""

    kind: str
    method: str = "full"
    epochs: PositiveInt = 4
    batch: PositiveInt = Field(default=32, description="questions in a step")
    learning_rate: PositiveFloat = 5e-5
    warmup: float = Field(default=0.1, ge=0, lt=1, description="share of the steps")
    weight_decay: NonNegativeFloat = 0.01
    max_tokens: PositiveInt = Field(
        default=256, description="of a text in training; the model goes on reading what it read"
    )
    negatives: NonNegativeInt = Field(
        default=2, description="of a row's negatives so many, in their order"
    )
    words: bool = Field(
        default=False, description="train the vectors of the vocabulary too: most of the numbers"
    )
    rank: PositiveInt = Field(default=16, description="of LoRA")
    alpha: PositiveInt = Field(default=32, description="of LoRA")
    precision: Literal["auto", "fp32", "bf16"] = Field(
        default="auto", description="auto is bf16 where the processor multiplies it, else fp32"
    )
    looks: PositiveInt = Field(default=2, description="looks at the dev rows in an epoch")
    patience: PositiveInt = Field(
        default=4, description="looks without a better score before training ends"
    )
    minutes: PositiveFloat | None = Field(
        default=None, description="training ends after so long with the best weights so far"
    )


class EmbedderSettings(EncoderTraining):
    """Trains an encoder on pairs of question and passage.

    `side = "query"` trains how questions are read and leaves the vectors of passages as the base makes them: the index
    stays, a step costs a tenth, and every passage of the rows is a negative for every question. `side = "both"` trains
    one network for both; every passage has to be embedded anew.
    """

    kind: Literal["embedder"] = "embedder"
    side: Literal["both", "query"] = "query"
    method: Literal["full", "lora", "linear"] = Field(
        default="full",
        description="of side query also linear: a matrix behind the network, trained in seconds",
    )
    passes: PositiveInt = Field(default=60, description="over the rows, of method linear")
    matrix_rate: PositiveFloat = Field(default=1e-3, description="learning rate of method linear")
    loss: Literal["ranking", "cached", "gist", "margin"] = Field(
        default="ranking",
        description="of side both: the passages of a batch as negatives; the same in small pieces; the same but for"
        " those that the base holds for right; or the scores of a teacher (rows with scores)",
    )
    scale: PositiveFloat = Field(default=50.0, description="cosines are multiplied by it")
    keep: tuple[float, ...] = Field(
        default=(0.0, 0.25, 0.5, 0.65, 0.8, 0.9),
        description="shares of the base's weights that are tried in the result; the dev rows choose",
    )
    general: str = Field(
        default="",
        description="rows of other subjects: their dev rows show what is forgotten, their train rows are replayed",
    )
    replay: float = Field(default=0.25, ge=0, description="rows of general for each row, at most")
    general_loss: float = Field(
        default=0.01, ge=0, lt=1, description="share of the general score that may be lost"
    )
    pool: PositiveInt = Field(
        default=400, description="passages among which a look at the dev rows ranks, at most"
    )


class RerankerSettings(EncoderTraining):
    """Trains a cross-encoder on questions, their passages and passages that look alike."""

    kind: Literal["reranker"] = "reranker"
    method: Literal["full", "lora"] = "full"
    loss: Literal["list", "pair", "margin"] = Field(
        default="list",
        description="the passage among its negatives; each for itself; or a teacher's scores (rows with scores)",
    )
    negatives: NonNegativeInt = Field(default=4, description="of a row's negatives so many")
    batch: PositiveInt = Field(default=8, description="questions in a step, each with all passages")
