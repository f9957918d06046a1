"""From what is asked for to the words of a command: what it names is there, what it reads is put ready."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Final

from pydantic import BaseModel

from surefoot.config.catalog import load_catalog
from surefoot.config.space import read_space
from surefoot.core.errors import ConfigError, MissingError
from surefoot.evaluate.evalsets.editing import kept_evalset
from surefoot.optimize.compare.files import CompareFiles
from surefoot.optimize.files import ExperimentFiles
from surefoot.run.adapters import find_adapter, new_adapter
from surefoot.run.places import INNER
from surefoot.serve.holdings import holdings
from surefoot.serve.own.evalsets.sets import new_file
from surefoot.serve.own.jobs.kinds import (
    AdapterExportJob,
    AdapterMergeJob,
    AnyJob,
    CompareJob,
    EvalsetCreateJob,
    EvaluateJob,
    IndexBuildJob,
    Limits,
    OptimizeJob,
    SyncJob,
    TuneJob,
)
from surefoot.serve.who import Principal
from surefoot.tune.torch_family import require_torch

_ROWS: Final = (".jsonl", ".json", ".csv", ".tsv")
_SPACE: Final = "space.toml"
FORESEEN: Final[Mapping[str, tuple[str, ...]]] = {
    "sync": ("--dry-run",),
    "index-build": ("--dry-run",),
    "evaluate": ("--forecast",),
    "optimize": ("--forecast",),
    "compare": ("--dry-run",),
    "tune": ("--forecast",),
}
"""The kinds that can say beforehand what they will take, and the words that make them."""
Words = list[str]


def words_of(body: AnyJob, who: Principal, folder: Path) -> Words:
    """The words after `surefoot`; what the command reads is put into `folder`, that of the job.

    Raises:
        MissingError: a solution, eval set, file or model that it names is not there.
        MissingExtra: it trains, and the packages for that are not installed.
        ConfigError: a name or the space cannot be used.
    """
    return _MAKERS[type(body)](body, who, folder)


def _sync(body: SyncJob, who: Principal, folder: Path) -> Words:
    del folder
    return ["sync", *_solution(body.solution, who), *_budget(body.limits)]


def _index(body: IndexBuildJob, who: Principal, folder: Path) -> Words:
    del folder
    return ["sync", *_solution(body.solution, who)]


def _evaluate(body: EvaluateJob, who: Principal, folder: Path) -> Words:
    del folder
    kept_evalset(who.tenant.root, body.evalset)
    given = {"sample": body.sample, "seed": body.seed or None, "by": ",".join(body.by)}
    given |= {
        "judge": _asked_model(body.judge),
        "against": body.against,
        "similarity": body.similarity,
    }
    return [
        "evaluate",
        body.evalset,
        *_options(given),
        *_solution(body.solution, who),
        *_budget(body.limits),
    ]


def _optimize(body: OptimizeJob, who: Principal, folder: Path) -> Words:
    if body.continues:
        ExperimentFiles.find(who.tenant.root / INNER, body.continues)
    else:
        kept_evalset(who.tenant.root, body.evalset)
    limits = Limits(minutes=body.minutes, calls=body.calls, dollars=body.dollars)
    objectives = dict.fromkeys(("quality", *body.objectives))
    given = {"objective": ",".join(objectives), "metric": body.metric, "workers": body.workers}
    given |= {"seed": body.seed, "holdout": body.holdout}
    if body.space:
        given["space"] = _space(body.space, who, folder)
    return [
        "optimize",
        *(["--continue", body.continues] if body.continues else [body.evalset]),
        *_budget(limits, body.trials),
        *_options(given),
        *_solution(body.solution, who),
    ]


def _compare(body: CompareJob, who: Principal, folder: Path) -> Words:
    given: dict[str, Any] = {"continue": body.continues}
    if body.continues:
        CompareFiles.find(who.tenant.root / INNER, body.continues)
    else:
        kept_evalset(who.tenant.root, body.evalset)
        given = {"evalset": body.evalset}
    if body.training_file:
        given["train"] = _rows(body.training_file, who, folder)
    given |= {
        "methods": ",".join(dict.fromkeys(body.methods)),
        "seeds": ",".join(map(str, body.seeds)),
        "model": _model(body.model),
        "metric": body.metric,
        "epochs": body.epochs,
        "train-tokens": body.train_tokens,
        "rates": ",".join(f"{rate:g}" for rate in body.rates),
        "shots": body.shots,
        "no-suites": not body.suites,
    }
    return ["compare", *_options(given), *_solution(body.solution, who), *_budget(body.limits)]


def _tune(body: TuneJob, who: Principal, folder: Path) -> Words:
    given: dict[str, Any] = {"rows": _rows(body.training_file, who, folder), "name": body.name}
    given |= {
        "base": _model(body.base),
        "epochs": body.epochs,
        "learning-rate": body.learning_rate,
        "batch": body.batch,
        "max-tokens": body.max_tokens,
        "dev": body.dev,
        "seed": body.seed,
        "export": body.export,
    }
    if body.tuner == "lora":
        given |= {
            "method": body.method,
            "rank": body.rank,
            "alpha": body.alpha,
            "dropout": body.dropout,
        }
    require_torch("training")
    return ["tune", body.tuner, *_options(given)]


def _export(body: AdapterExportJob, who: Principal, folder: Path) -> Words:
    find_adapter(who.tenant.root, body.name)
    given: dict[str, Any] = {"form": list(dict.fromkeys(body.forms)), "type": body.number_type}
    if body.training_file:
        given["rows"] = _rows(body.training_file, who, folder)
    given |= {"prompts": body.prompts, "tolerance": body.tolerance, "keep": body.keep}
    require_torch("comparing an export with what was trained")
    return ["adapters", "export", body.name, *_options(given)]


def _merge(body: AdapterMergeJob, who: Principal, folder: Path) -> Words:
    del folder
    root = who.tenant.root
    new_adapter(root, body.into)
    names = [find_adapter(root, one.name).name for one in body.parts]
    weights = ",".join(f"{one.weight:g}" for one in body.parts)
    require_torch("merging adapters")
    given = {"weights": weights, "how": body.how, "into": body.into}
    return ["adapters", "merge", *names, *_options(given)]


def _create(body: EvalsetCreateJob, who: Principal, folder: Path) -> Words:
    del folder
    new_file(who, body.name)
    given: dict[str, Any] = {"questions": body.questions, "seed": body.seed}
    given |= {
        "method": list(dict.fromkeys(body.methods)),
        "lang": list(dict.fromkeys(body.languages)),
        "reworded": body.reworded,
        "unanswerable": body.unanswerable,
        "no-hidden": not body.hidden,
        "model": _asked_model(body.model),
        "calls": body.calls if body.model else None,
        "yes": body.replace,
    }
    return ["evalset", "create", body.name, *_options(given), *_solution(body.solution, who)]


_MAKERS: Final[Mapping[type[BaseModel], Callable[[Any, Principal, Path], Words]]] = {
    SyncJob: _sync,
    IndexBuildJob: _index,
    EvaluateJob: _evaluate,
    OptimizeJob: _optimize,
    CompareJob: _compare,
    TuneJob: _tune,
    AdapterExportJob: _export,
    AdapterMergeJob: _merge,
    EvalsetCreateJob: _create,
}


def _options(given: Mapping[str, Any]) -> Words:
    """`--name value` of each that says something; of a list one for each item, of true the name alone."""
    words: Words = []
    for name, value in given.items():
        if value is True:
            words.append(f"--{name}")
        elif isinstance(value, Sequence) and not isinstance(value, str):
            words += [word for one in value for word in (f"--{name}", str(one))]
        elif value is not None and value is not False and value != "":
            words += [f"--{name}", f"{value:g}" if isinstance(value, float) else str(value)]
    return words


def _solution(name: str, who: Principal) -> Words:
    models = who.tenant.models()
    if not name or name == models[0]:
        return []
    if name not in models:
        raise MissingError(f"there is no model {name!r}", hint=f"known: {', '.join(models)}")
    return ["--solution", name]


def _budget(limits: Limits, trials: int | None = None) -> Words:
    seconds = None if limits.minutes is None else max(1, round(60 * limits.minutes))
    said = {"s": seconds, "trials": trials, "calls": limits.calls}
    parts = [f"{count}{unit}" for unit, count in said.items() if count is not None]
    parts += [] if limits.dollars is None else [f"{limits.dollars:.6f}".rstrip("0") + "usd"]
    return ["--budget", ",".join(parts)] if parts else []


def _model(alias: str) -> str:
    """The same; raises MissingError where the catalog does not know it."""
    return load_catalog().get(alias, "chat").alias if alias else ""


def _asked_model(name: str) -> str:
    """A model of the catalog, or `http:NAME` for one at an address that the settings know; never a file."""
    return name if name.startswith("http:") else _model(name)


def _space(text: str, who: Principal, folder: Path) -> str:
    """Puts the space into the folder; raises ConfigError where it is none, or begins with a file elsewhere."""
    file = folder / _SPACE
    file.write_text(text, encoding="utf-8")
    base = read_space(file).base
    if "/" in base or "\\" in base or base.endswith(".toml"):
        raise ConfigError("base is a file", where=_SPACE, hint="name a preset or a solution")
    return _shown(file, who)


def _rows(file: str, who: Principal, folder: Path) -> str:
    """Puts an uploaded file of rows into the folder; raises MissingError where the principal has none."""
    with holdings(who) as held:
        upload = held.seen(held.uploads.find(file), "file", file)
        content = held.uploads.content(upload)
        ending = PurePosixPath(upload.name).suffix.lower()
        place = folder / f"rows{ending if ending in _ROWS else _ROWS[0]}"
        try:
            os.link(content, place)
        except OSError:
            shutil.copy2(content, place)
    return _shown(place, who)


def _shown(file: Path, who: Principal) -> str:
    """The path as it is written in the workspace's folder, where the command runs."""
    return file.relative_to(who.tenant.root).as_posix()
