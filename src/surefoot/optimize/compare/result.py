"""What a comparison of methods found, as plain values: for the table, the verdict, reports and programs.

Computes nothing. An arm is one method with one seed; a method whose making is not random has one arm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from surefoot.core.types import Score
from surefoot.evaluate.runner import Evaluation
from surefoot.tune.artefact import Parity

Method = Literal[
    "prompt", "fewshot", "nearest", "cot", "rag", "lora", "full", "lora+rag", "full+rag"
]
METHODS: tuple[Method, ...] = get_args(Method)
"""In order of their cost to build: what is the same in quality, the earlier one wins."""

TRAINED: frozenset[Method] = frozenset({"lora", "full", "lora+rag", "full+rag"})
SEARCHING: frozenset[Method] = frozenset({"rag", "lora+rag", "full+rag"})
WITH_ROWS: frozenset[Method] = TRAINED | {"fewshot", "nearest"}


@dataclass(frozen=True, slots=True)
class Build:
    """What it took until the arm could be asked, all resumed parts together. All 0 where nothing is made.

    `train_s` and `cpu_s` are of the training, `export_s` is wall time for making the rows, merging, converting and the
    parity check; `peak_mib` that of the largest process, `trainable` counts the numbers that training may change.
    """

    train_s: float = 0.0
    cpu_s: float = 0.0
    export_s: float = 0.0
    peak_mib: float = 0.0
    train_tokens: int = 0
    steps: int = 0
    rows: int = 0
    trainable: int = 0

    @property
    def wall_s(self) -> float:
        """All of it."""
        return self.train_s + self.export_s


@dataclass(frozen=True, slots=True)
class Service:
    """What answering takes, per question but for memory and storage.

    Latencies are quantiles in milliseconds of wall time, the first question apart; `peak_mib` is of a process that
    does nothing but answer. `storage_bytes` is what the arm needs beside the base model: adapter or weights, examples,
    index. `update_s` is the time until a changed document counts; None where nothing measured it, and `update_how`
    says in words what has to be done.
    """

    latency_p50_ms: float = 0.0
    latency_p95_ms: float = 0.0
    cpu_ms: float = 0.0
    usd: float = 0.0
    prompt_tokens: float = 0.0
    completion_tokens: float = 0.0
    peak_mib: float = 0.0
    storage_bytes: int = 0
    update_s: float | None = None
    update_how: str = ""


@dataclass(frozen=True, slots=True)
class ArmResult:
    """A method with a seed, measured.

    `solution` is the complete settings that were asked, `file` where they lie, relative to the experiment's folder;
    `rows_digest` names what it was trained on or shown. `suites` holds what was measured besides on other questions:
    evaluations of the forgetting sets, of changed documents and the like, by the suite's name; `scores` what was made
    of them and of the answers (`freshness`, `forgetting`, `hallucination`).
    """

    method: Method
    seed: int
    digest: str
    file: str
    solution: Mapping[str, Any]
    evaluation: Evaluation
    build: Build = Build()
    service: Service = Service()
    parity: Parity | None = None
    rows_digest: str = ""
    dev_loss: float | None = None
    suites: Mapping[str, Evaluation] = field(default_factory=dict)
    scores: Mapping[str, Score] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The method, with the seed where several may be."""
        return f"{self.method}-{self.seed}" if self.method in TRAINED else self.method

    def score(self, metric: str) -> Score | None:
        """A score of the questions or of what was measured besides; None where it was not measured."""
        known = {score.metric: score for score in self.evaluation.scores}
        return {**known, **self.scores}.get(metric)


@dataclass(frozen=True, slots=True)
class HeldEqual:
    """What every arm has in common. `number_type` is that of the weights of base and trained models alike."""

    model: str
    base: str
    base_digest: str
    template_digest: str
    engine: str
    number_type: str
    max_tokens: int
    temperature: float
    train_budget: str
    evalset_digest: str
    train_digest: str = ""
    corpus: str = ""


@dataclass(frozen=True, slots=True)
class Joined:
    """A method over its seeds. `score` is the mean over questions and seeds.

    Its interval holds both the draw of questions and the draw of seeds; `spread` is the standard deviation of the
    seeds' means, None with fewer than two.
    """

    method: Method
    seeds: tuple[int, ...]
    score: Score
    spread: float | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A method against another on the same questions: `method` minus `against`, with its 95 % interval.

    `p` is corrected (Holm) for all differences of the comparison; `kind` is the verdict.
    """

    metric: str
    method: Method
    against: Method
    difference: Score
    p: float
    kind: Literal["better", "worse", "equivalent", "not proven"]
    needed: int | None = None
    few: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """All arms of a comparison with what may be said of them.

    `metric` is the one the verdict goes by. `left_out` says of each method that was not run why; `notes` what a
    reader must know beside the table.
    """

    id: str
    evalset: str
    n: int
    metric: str
    held: HeldEqual
    arms: tuple[ArmResult, ...]
    joined: tuple[Joined, ...] = ()
    differences: tuple[Difference, ...] = ()
    left_out: Mapping[Method, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    folder: str = ""
    command: str = ""

    @property
    def methods(self) -> tuple[Method, ...]:
        """Those that were measured, in the order of `METHODS`."""
        return tuple(method for method in METHODS if self.of(method))

    @property
    def seeds(self) -> tuple[int, ...]:
        """Those of the trained arms."""
        return tuple(sorted({arm.seed for arm in self.arms if arm.method in TRAINED}))

    def of(self, method: Method) -> tuple[ArmResult, ...]:
        """The arms of a method, by seed."""
        found = (arm for arm in self.arms if arm.method == method)
        return tuple(sorted(found, key=lambda arm: arm.seed))

    def to_json(self) -> dict[str, Any]:
        """Plain values for `json.dumps`, the rows of every question included."""
        return asdict(self)
