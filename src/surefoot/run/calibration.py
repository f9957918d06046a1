"""Calibrates a solution's refusal on its own documents and writes the result into the solution file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from surefoot.core.errors import ConfigError
from surefoot.run.corpus import rewrite

if TYPE_CHECKING:
    from surefoot.generate.calibrate import Calibration
    from surefoot.run.workspace import Workspace

DEPTH = (
    30  # passages searched for a made question, so that enough stay when its document is taken away
)


def calibrate_workspace(
    space: Workspace, *, questions: int, answer_rate: float, seed: int = 0
) -> Calibration:
    """Makes questions from the documents, judges each with its document and without, and fits when to refuse.

    Raises:
        ConfigError: no stage of the solution refuses.
        DataError: there are too few documents.
    """
    from surefoot.generate.calibrate import Sight, calibrate
    from surefoot.generate.probes import make_probes

    refusing_stage(space)
    index = space.resources.index()
    sight = Sight(
        search=lambda question: space.search(question, limit=DEPTH),
        encoder=space.resources.encoder(),
        frequencies=index.frequencies,
    )
    probes = make_probes(space.documents(), limit=questions, seed=seed)
    return calibrate(probes, sight, answer_rate=answer_rate, seed=seed)


def refusing_stage(space: Workspace) -> int:
    """The place of the last stage that has a `refuse` setting.

    Raises:
        ConfigError: there is none.
    """
    places = [
        i for i, stage in enumerate(space.solution.stages) if "refuse" in type(stage).model_fields
    ]
    if not places:
        raise ConfigError(
            "no stage refuses", where=space.solution_file.name, hint='add [[stages]] kind = "quote"'
        )
    return places[-1]


def write_calibration(space: Workspace, found: Calibration) -> None:
    """Puts the fitted refusal into the solution file; all else in the file stays as it is."""
    import tomlkit

    place = refusing_stage(space)
    document = tomlkit.parse(space.solution_file.read_text(encoding="utf-8"))
    document["stages"][place]["refuse"] = found.settings.model_dump(mode="json")
    rewrite(space, tomlkit.dumps(document))
