"""The one door to OpenVINO: telemetry is shut before it opens, and graphs compile for this processor."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

TELEMETRY = "openvino_telemetry"
CONVERTER = "openvino.tools.ovc"


@cache
def runtime() -> Any:
    """The package openvino, which nothing else in surefoot imports."""
    shut_telemetry()
    with _without(CONVERTER):
        import openvino
    return openvino


def operations() -> Any:
    """What graphs are built of."""
    return runtime().opset15


@cache
def core() -> Any:
    """The devices that compile graphs."""
    return runtime().Core()


def shut_telemetry() -> None:
    """Makes `openvino_telemetry` impossible to import, so that nothing can be sent; OpenVINO works without it.

    Call before the first import of openvino or a package on top of it.
    """
    if TELEMETRY not in sys.modules:
        sys.modules[TELEMETRY] = None  # type: ignore[assignment]


@contextmanager
def _without(name: str) -> Iterator[None]:
    """Lets a module that is not imported yet be missing. OpenVINO allows for it; a start is 40 ms quicker."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]


def compile_graph(graph: Any, precision: str, *, threads: int, keep: Path) -> Any:
    """Compiles for the processor; `auto` is bf16 where the processor has it.

    What was compiled is kept in the folder `keep`, which halves the next start; where that folder cannot be
    written nothing is kept. OpenVINO itself drops what another version or processor left there.
    """
    wanted = precision if precision != "auto" else best_precision()
    config: dict[str, Any] = {
        "INFERENCE_PRECISION_HINT": {"fp32": "f32", "bf16": "bf16"}[wanted],
        "INFERENCE_NUM_THREADS": threads,
        "PERFORMANCE_HINT": "LATENCY",
    }
    if writable(keep):
        config["CACHE_DIR"] = str(keep)
        _name(graph)
    return core().compile_model(graph, "CPU", config)


def _name(graph: Any) -> None:
    """Gives every node the name of its place: OpenVINO counts nodes through the process, and names lead to the file."""
    for place, node in enumerate(graph.get_ordered_ops()):
        node.set_friendly_name(f"node {place}")
    for place, output in enumerate(graph.outputs):
        output.get_tensor().set_names({f"output {place}"})
    graph.set_friendly_name("graph")


def best_precision() -> str:
    """`bf16` where the processor computes in it, else `fp32`."""
    able = core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return "bf16" if "BF16" in able else "fp32"


def writable(folder: Path) -> bool:
    """Makes the folder where it can; True when files can be written to it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)
