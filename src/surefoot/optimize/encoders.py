"""Trains encoder and reranker for a workspace, says what the dev rows prove, and puts the result to use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from surefoot.core.errors import ConfigError
from surefoot.evaluate.stats import Verdict, compare
from surefoot.models.base import ModelEnv
from surefoot.optimize.train import Done, Order, jobs_root, train
from surefoot.run.adapters import find_adapter
from surefoot.run.beside import beside
from surefoot.run.corpus import rewrite
from surefoot.tune.artefact import FOLDERS, Trained, read_card
from surefoot.tune.encoder.looks import Look, read_looks
from surefoot.tune.events import Event

if TYPE_CHECKING:
    from surefoot.ingest.sync import Progress, Report
    from surefoot.run.workspace import Workspace

WEIGHTS = FOLDERS["safetensors"]
MARGIN = 0.01
"""Of nDCG@10: below this, two encoders serve alike."""


@dataclass(frozen=True, slots=True)
class Tuned:
    """What was trained, and the verdict of each part of the rows that was looked at: dev, general."""

    card: Trained
    folder: Path
    verdicts: Mapping[str, Verdict]

    @property
    def advised(self) -> bool:
        """Whether it is proven better on the dev rows and not proven worse on the general ones."""
        dev, general = self.verdicts.get("dev"), self.verdicts.get("general")
        kept = general is None or general.kind != "worse" or general.difference.value > -MARGIN
        return dev is not None and dev.kind == "better" and kept


@dataclass(frozen=True, slots=True)
class Adopted:
    """What was written into the solution file, by path; `report` is of the new index, None where none was needed."""

    written: Mapping[str, Any]
    report: Report | None = None


def train_encoder(
    root: Path, order: Order, env: ModelEnv, watch: Callable[[Event], None] | None = None
) -> Tuned:
    """Trains for the workspace in a folder, or goes on, and says what the dev rows prove.

    Raises:
        ConfigError: a setting is wrong, or an earlier job of that name had others.
        DataError: the rows cannot be learnt from.
        SurefootError: the training failed or was cancelled.
    """
    return judged(root, train(root, order, env, watch))


def judged(root: Path, done: Done) -> Tuned:
    """What was trained, with the verdicts of what its job looked at."""
    looks = read_looks(jobs_root(root) / done.card.name)
    return Tuned(done.card, done.place, dev_verdicts(looks))


def dev_verdicts(looks: list[Look]) -> dict[str, Verdict]:
    """What each part proves of the weights after training beside those before: paired, clusters kept together."""
    found: dict[str, Verdict] = {}
    for part in dict.fromkeys(look.part for look in looks):
        own = [look for look in looks if look.part == part]
        found[part] = compare(
            [look.before for look in own],
            [look.after for look in own],
            clusters=[look.cluster for look in own],
            margin=MARGIN,
        )
    return found


def adopt(space: Workspace, name: str, progress: Progress | None = None) -> Adopted:
    """Puts a trained encoder or reranker into the solution file.

    One that reads questions alone serves at once over the index that is there. Of one that reads passages too the index
    is built beside the one that answers, and then switched to in one step. A reranker becomes the stage behind the
    search.

    Raises:
        MissingError: there is no such model, or nothing is indexed.
        ConfigError: it is a chat model, or the solution has no place for it.
    """
    folder = find_adapter(space.root, name)
    card = read_card(folder)
    weights = (folder / WEIGHTS).relative_to(space.root).as_posix()
    if card.kind == "reranker":
        return _adopt_reranker(space, weights)
    if card.kind != "encoder":
        raise ConfigError(
            f"is of kind {card.kind}",
            where=name,
            hint=f'a stage answers with it: adapter = "{name}"',
        )
    if card.settings.get("side") == "query":
        _check_base(space, card)
        return Adopted(_write_embed(space, {"query_model": weights}))
    with beside(space, {"corpus.embed": _embed(weights)}, keep=True, progress=progress) as built:
        report = built.report
    written = _write_embed(space, _embed(weights))
    space.sync(progress=progress)
    return Adopted(written, report)


def _embed(weights: str) -> dict[str, Any]:
    return {"kind": "local", "model": weights}


def _check_base(space: Workspace, card: Trained) -> None:
    embed = space.resources.corpus.embed
    model = getattr(embed, "model", None)
    if embed.kind != "local" or model != card.base:
        raise ConfigError(
            f"was tuned to ask an index of {card.base}; this one is of {model or embed.kind}",
            where=card.name,
            hint=f'set corpus.embed = {{ model = "{card.base}" }} and sync, or tune this one\'s encoder',
        )


def _write_embed(space: Workspace, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Puts settings into `corpus.embed`; those that stay are kept, a former reader of questions is not."""
    import tomlkit

    document = tomlkit.parse(space.solution_file.read_text(encoding="utf-8"))
    corpus: Any = document.setdefault("corpus", tomlkit.table())
    before = {} if "model" in changes else dict(corpus.get("embed", {}))
    embed = tomlkit.inline_table()
    embed.update({**before, **changes})
    corpus["embed"] = embed
    rewrite(space, tomlkit.dumps(document))
    return {f"corpus.embed.{name}": value for name, value in changes.items()}


def _adopt_reranker(space: Workspace, weights: str) -> Adopted:
    """Sets the reranker of the rerank stage, or puts such a stage behind the search."""
    import tomlkit

    document = tomlkit.parse(space.solution_file.read_text(encoding="utf-8"))
    stages: Any = document["stages"]
    kinds = [str(stage["kind"]) for stage in stages]
    by = tomlkit.inline_table()
    by.update({"kind": "cross-encoder", "model": weights})
    if "rerank" in kinds:
        place = kinds.index("rerank")
        stages[place]["by"] = by
    elif "search" in kinds:
        place = kinds.index("search") + 1
        stage = tomlkit.table()
        stage.update({"kind": "rerank", "by": by})
        stages.insert(place, stage)
    else:
        raise ConfigError("no stage searches", where=space.solution_file.name)
    rewrite(space, tomlkit.dumps(document))
    return Adopted({f"stages.{place}.by": dict(by)})
