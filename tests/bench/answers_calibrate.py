"""Calibrates on documents alone and says how that fares on people's questions: `python answers_calibrate.py OUT SET...`

Needs what answers_collect.py left in OUT. The questions of the set are used only to report.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from answers_collect import KEPT, Remembering
from answers_fit import half_removed, load
from answers_report import share

import surefoot
from surefoot.core.roles import Call, Parts
from surefoot.core.types import Query, Turn
from surefoot.generate.calibrate import Calibration, Rate, Sight, calibrate
from surefoot.generate.guard import logistic
from surefoot.generate.probes import make_probes
from surefoot.retrieve.search import Search, SearchSettings

PROBES = 150


def main(out: Path, names: Sequence[str]) -> None:
    print("| set | made questions | AUC | answered | refused | people's: answered | refused |")
    print("|---|---|---|---|---|---|---|")
    for name in names:
        found = calibrated(out / name)
        settings = found.settings
        table, labels = half_removed(load(out, name))
        scores = logistic(settings.weights).probability(table)
        answered = share(int((scores[labels] >= settings.threshold).sum()), int(labels.sum()))
        refused = share(int((scores[~labels] < settings.threshold).sum()), int((~labels).sum()))
        rates = " | ".join(map(shown, (found.auc, found.answered, found.refused)))
        print(f"| {name} | {found.probes} | {rates} | {answered} | {refused} |", flush=True)
        print(settings, found.warnings, file=sys.stderr)


def calibrated(folder: Path) -> Calibration:
    """What `calibrate` gives for the documents of a workspace."""
    with surefoot.open(folder) as space:
        index, encoder = space.resources.index(), Remembering(space.resources.encoder())
        parts = Parts(lambda: index, lambda: encoder, None, None, None)
        stage = Search(SearchSettings(keep=KEPT), parts)
        sight = Sight(
            lambda question: stage(Turn(Query(question)), Call()).hits, encoder, index.frequencies
        )
        return calibrate(make_probes(space.documents(), limit=PROBES), sight)


def shown(rate: Rate) -> str:
    return f"{rate.value:.3f} [{rate.low:.3f}, {rate.high:.3f}]"


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
