"""The one door to OpenVINO: telemetry is shut before it opens, and graphs compile for this processor."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

from surefoot.models.base import ModelEnv

TELEMETRY = "openvino_telemetry"


@cache
def core() -> Any:
    """The OpenVINO runtime."""
    shut_telemetry()
    import openvino

    return openvino.Core()


def shut_telemetry() -> None:
    """Makes `openvino_telemetry` impossible to import, so that nothing can be sent; OpenVINO works without it."""
    if TELEMETRY not in sys.modules:
        sys.modules[TELEMETRY] = None  # type: ignore[assignment]


def compile_graph(graph: Any, precision: str, env: ModelEnv) -> Any:
    """Compiles for the processor with the given threads; `auto` is bf16 where the processor has it."""
    wanted = precision if precision != "auto" else best_precision()
    config = {
        "INFERENCE_PRECISION_HINT": {"fp32": "f32", "bf16": "bf16"}[wanted],
        "INFERENCE_NUM_THREADS": env.threads,
        "PERFORMANCE_HINT": "LATENCY",
    }
    return core().compile_model(graph, "CPU", config)


def best_precision() -> str:
    """`bf16` where the processor computes in it, else `fp32`."""
    able = core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return "bf16" if "BF16" in able else "fp32"
