"""Stands for a worker that has trained: an adapter's files and its card, at once."""

from __future__ import annotations

import sys
from pathlib import Path

from surefoot.tune.artefact import Trained, write_card
from surefoot.tune.events import Event, add_event
from surefoot.tune.worker import read_spec

if __name__ == "__main__":
    out = Path(sys.argv[1])
    spec = read_spec(out)
    (out / "peft").mkdir()
    (out / "peft" / "adapter_model.safetensors").write_bytes(b"weights")
    for step in (1, 2):
        add_event(out, Event(step=step, steps=2, loss=1.0 / step, seconds=step, tokens=100))
    write_card(
        out, Trained(name=spec.name, kind="adapter", method="lora", base=spec.base, base_digest="b")
    )
    add_event(out, Event(state="succeeded", message="done"))
