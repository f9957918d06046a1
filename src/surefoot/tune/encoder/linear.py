"""The cheapest training of an encoder: one matrix that turns the vectors of questions. The network stays as it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from surefoot.models.embed import QUERY_MATRIX
from surefoot.models.tensors import save_tensors
from surefoot.tune.encoder.bench import Bench, Measured
from surefoot.tune.encoder.mixing import Mixed, choose_share
from surefoot.tune.encoder.pairs import Lesson
from surefoot.tune.encoder.settings import EmbedderSettings
from surefoot.tune.encoder.training import Course

if TYPE_CHECKING:
    from surefoot.core.roles import Vectors

STEP_ROWS = 64


def fit_matrix(
    learnt: Lesson, bench: Bench, course: Course, folder: Path
) -> tuple[Mixed, list[Mixed], Measured]:
    """Trains the matrix, chooses how much of "as it was" stays, and writes it; the share, all tried, what it measures.

    Every passage of the rows is a negative for every question. The pass with the best dev score is kept.
    """
    settings = cast("EmbedderSettings", course.settings)
    rows = (*learnt.train, *learnt.replayed)
    texts = learnt.passages
    places = {text: i for i, text in enumerate(texts)}
    asked = bench.held.asked([row.query for row in rows])
    change = _trained(
        asked, bench.held.of(texts), [places[row.positive] for row in rows], bench, course
    )
    found: dict[float, Measured] = {}

    def measure(share: float) -> tuple[float, float]:
        found[share] = bench.turned(_matrix(change, 1 - share))
        return found[share].mean("dev"), found[share].mean("general")

    shares = settings.keep if bench.parts["dev"].ids else settings.keep[:1]
    best, tried = choose_share(shares, measure, bench.before.mean("general"), settings.general_loss)
    folder.mkdir(parents=True, exist_ok=True)
    save_tensors({"matrix": _matrix(change, 1 - best.share)}, folder / QUERY_MATRIX)
    return best, tried, found[best.share]


def _trained(
    asked: Vectors, passages: Vectors, right: list[int], bench: Bench, course: Course
) -> Vectors:
    """The change of the matrix after the pass with the best dev score, the last without dev rows."""
    import torch

    settings = cast("EmbedderSettings", course.settings)
    questions, texts = torch.from_numpy(asked), torch.from_numpy(passages)
    wanted = torch.tensor(right)
    change = torch.nn.Parameter(torch.zeros(asked.shape[1], asked.shape[1]))
    optimizer = torch.optim.Adam([change], lr=settings.matrix_rate)
    order = torch.Generator().manual_seed(course.spec.seed)
    best: tuple[float, Any] = (-1.0, change.detach().clone())
    for number in range(settings.passes):
        for rows in torch.randperm(len(right), generator=order).split(STEP_ROWS):
            vectors = questions[rows] + questions[rows] @ change
            similar = torch.nn.functional.normalize(vectors, dim=1) @ texts.T * settings.scale
            loss = torch.nn.functional.cross_entropy(similar, wanted[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        score = bench.turned(_matrix(change.detach().numpy(), 1.0)).mean("dev")
        if score > best[0] or not bench.parts["dev"].ids:
            best = score, change.detach().clone()
            course.say(f"pass {number + 1}: dev nDCG@10 {score:.3f}")
    found: Vectors = best[1].numpy()
    return found


def _matrix(change: Vectors, share: float) -> Vectors:
    import numpy as np

    made: Vectors = np.eye(len(change), dtype=np.float32) + np.float32(share) * change
    return made
