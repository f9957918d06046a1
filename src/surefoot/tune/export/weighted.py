"""Several adapters of one base as one, by peft's weighted sums."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from surefoot.core.errors import ConfigError
from surefoot.models.base import ModelEnv
from surefoot.tune.artefact import FOLDERS, Trained, check_files, write_card
from surefoot.tune.chat.base_model import load_base
from surefoot.tune.quiet import quiet
from surefoot.tune.torch_family import require_torch, versions

How = Literal["linear", "svd", "ties", "cat"]
"""`cat` adds the changes exactly, its rank is the sum of all; `svd` comes as near as the largest rank can; `linear`
adds the halves of equal ranks, which is only nearly the sum; `ties` keeps the larger half of the numbers and settles
opposite signs by majority."""
TIES_DENSITY = 0.5
_OF_LORA = ("lora", "rslora", "merged")
_MERGED = "merged"


def merge_adapters(
    weights: Mapping[Path, float], out: Path, env: ModelEnv, *, name: str, how: How
) -> Trained:
    """Writes the weighted sum of the adapters in these folders as an artefact of its own in `out`.

    Raises:
        MissingExtra: torch is not installed.
        ConfigError: they are not all low-rank adapters of one base, or of ranks that `how` cannot add.
        DataError: an adapter is not the one that was trained.
    """
    require_torch("merging adapters")
    if len(weights) < 2:
        raise ConfigError("merging takes two adapters or more", where=name)
    cards = {folder: check_files(folder) for folder in weights}
    first = next(iter(cards.values()))
    for card in cards.values():
        _check(card, first)
    out.mkdir(parents=True, exist_ok=True)
    with quiet(), TemporaryDirectory(dir=out, prefix=".merged-") as folder:
        _write(cards, weights, Path(folder), env, how)
        shutil.rmtree(out / FOLDERS["peft"], ignore_errors=True)
        (Path(folder) / _MERGED).replace(out / FOLDERS["peft"])
    density = {"density": TIES_DENSITY} if how == "ties" else {}
    return write_card(
        out,
        Trained(
            name=name,
            kind="adapter",
            method=_MERGED,
            base=first.base,
            base_digest=first.base_digest,
            template_digest=first.template_digest,
            langs=tuple(dict.fromkeys(lang for card in cards.values() for lang in card.langs)),
            settings={"how": how, **density},
            versions=versions(),
            merged_from={card.name: weights[folder] for folder, card in cards.items()},
        ),
    )


def _write(
    cards: Mapping[Path, Trained],
    weights: Mapping[Path, float],
    target: Path,
    env: ModelEnv,
    how: How,
) -> None:
    from peft import PeftModel

    (first, card), *others = cards.items()
    model, tokenizer = load_base(card.base, env)
    adapted = PeftModel.from_pretrained(
        model, first / FOLDERS["peft"], adapter_name=card.name, local_files_only=True
    )
    for folder, other in others:
        adapted.load_adapter(folder / FOLDERS["peft"], adapter_name=other.name)
    try:
        adapted.add_weighted_adapter(
            [card.name for card in cards.values()],
            list(weights.values()),
            _MERGED,
            combination_type=how,
            density=TIES_DENSITY if how == "ties" else None,
        )
    except ValueError as problem:
        raise ConfigError(
            f"they cannot be merged: {problem}",
            where=how,
            hint="svd and cat take adapters of any rank",
        ) from None
    adapted.save_pretrained(target, selected_adapters=[_MERGED])
    tokenizer.save_pretrained(target / _MERGED)


def _check(card: Trained, first: Trained) -> None:
    if card.kind != "adapter" or card.method not in _OF_LORA:
        raise ConfigError(
            f"{card.name} is {card.method}: only low-rank adapters add up", where="adapters merge"
        )
    if card.base_digest != first.base_digest:
        raise ConfigError(
            f"{card.name} was trained on {card.base}, {first.name} on {first.base}",
            where="adapters merge",
            hint="an adapter holds changes to the weights of one base, and of no other",
        )
