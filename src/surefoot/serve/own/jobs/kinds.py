"""What may be begun over HTTP: one shape a kind, each field limited, none of them a path or an option of its own."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[
    str, Field(min_length=1, max_length=200, pattern=r"^[^\s\-./\\~][^/\\\x00-\x1f]*$")
]
"""Of a solution or an eval set, in any script; never a path, never an option."""
Word = Annotated[str, Field(max_length=200, pattern=r"^([^\W_][\w.@:-]*)?$")]
"""Of a model, a metric or a run; empty where it is not given."""
Whole = Annotated[int, Field(ge=0, lt=2**31)]
Solution = Annotated[str, Field(max_length=200, pattern=r"^([^\s\-./\\~][^/\\\x00-\x1f]*)?$")]
FileId = Annotated[str, Field(max_length=512, pattern=r"^(file-[0-9A-Za-z_-]+)?$")]
"""Of a file of `/v1/files`; empty where there is none."""
Trained = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\W_][\w.-]*$")]
"""Of a trained model."""
Method = Literal[
    "prompt", "fewshot", "nearest", "cot", "rag", "lora", "full", "lora+rag", "full+rag"
]
Language = Literal["en", "zh"]
Minutes = Annotated[float, Field(gt=0, le=10_000)]
Dollars = Annotated[float, Field(gt=0, le=100_000)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Limits(_Body):
    """When to stop; the first limit that is reached counts, without one there is none."""

    minutes: Minutes | None = None
    calls: Annotated[int, Field(ge=1, lt=2**31)] | None = None
    dollars: Dollars | None = None


class SyncJob(_Body):
    """`surefoot sync`: reads what is new or changed in the sources."""

    kind: Literal["sync"]
    solution: Solution = ""
    limits: Limits = Limits()


class IndexBuildJob(_Body):
    """`surefoot sync --solution NAME`: builds the index of another solution."""

    kind: Literal["index-build"]
    solution: Name


class EvaluateJob(_Body):
    """`surefoot evaluate`: scores a solution on an eval set, with intervals, and keeps the run."""

    kind: Literal["evaluate"]
    evalset: Name
    solution: Solution = ""
    sample: Annotated[int, Field(ge=1, lt=2**31)] | None = None
    seed: Whole = 0
    by: Annotated[
        list[Literal["lang", "type", "tag", "source", "answerable", "cluster"]],
        Field(max_length=6),
    ] = []
    similarity: bool = False
    judge: Word = ""
    against: Word = ""
    limits: Limits = Limits()


KeptExperimentId = Annotated[str, Field(pattern=r"^([0-9a-f]{4,64})?$")]


class OptimizeJob(_Body):
    """`surefoot optimize`: searches for the best solution; `space` is the text of a space file.

    `continues` is the id of a search to go on with: what was asked then counts, but minutes and other limits.
    """

    kind: Literal["optimize"]
    evalset: Name
    solution: Solution = ""
    minutes: Minutes = 15
    trials: Annotated[int, Field(ge=1, lt=2**31)] | None = None
    calls: Annotated[int, Field(ge=1, lt=2**31)] | None = None
    dollars: Dollars | None = None
    objectives: Annotated[
        list[Literal["quality", "cost", "latency"]], Field(min_length=1, max_length=3)
    ] = ["quality"]
    metric: Word = ""
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    seed: Whole = 0
    holdout: Annotated[float, Field(ge=0.1, le=0.9)] = 0.5
    space: Annotated[str, Field(max_length=100_000)] = ""
    continues: KeptExperimentId = ""


class CompareJob(_Body):
    """`surefoot compare`: the methods side by side; `training_file` holds the rows that arms learn from.

    `continues` is the id of a comparison to go on with, with these seeds besides.
    """

    kind: Literal["compare"]
    evalset: Name
    solution: Solution = ""
    training_file: FileId = ""
    methods: Annotated[list[Method], Field(max_length=9)] = []
    seeds: Annotated[
        list[Annotated[int, Field(ge=1, lt=2**31)]], Field(min_length=1, max_length=20)
    ] = [1]
    model: Word = ""
    metric: Word = ""
    limits: Limits = Limits()
    epochs: Annotated[float, Field(ge=0.01, le=1000)] = 3.0
    train_tokens: Whole = 0
    rates: Annotated[
        list[Annotated[float, Field(gt=0, le=1000)]], Field(min_length=1, max_length=8)
    ] = [1.0]
    shots: Annotated[int, Field(ge=1, le=100)] = 5
    suites: bool = True
    continues: KeptExperimentId = ""


class TuneJob(_Body):
    """`surefoot tune lora` or `full`: trains on a file of `/v1/files`; the result is called `name`.

    `export` writes and tries the form that answers too, so that it can be asked at once.
    """

    kind: Literal["tune"]
    name: Trained
    training_file: Annotated[str, Field(max_length=512, pattern=r"^file-[0-9A-Za-z_-]+$")]
    tuner: Literal["lora", "full"] = "lora"
    base: Word = ""
    epochs: Annotated[float, Field(ge=0.01, le=1000)] | None = None
    learning_rate: Annotated[float, Field(gt=0, le=1)] | None = None
    batch: Annotated[int, Field(ge=1, le=100_000)] | None = None
    max_tokens: Annotated[int, Field(ge=16, le=1_000_000)] | None = None
    method: Literal["lora", "dora", "rslora", "ia3", "prompt"] | None = None
    rank: Annotated[int, Field(ge=1, le=4096)] | None = None
    alpha: Annotated[float, Field(gt=0, le=100_000)] | None = None
    dropout: Annotated[float, Field(ge=0, lt=1)] | None = None
    dev: Annotated[float, Field(ge=0, le=0.5)] = 0.1
    seed: Whole = 0
    export: bool = False


class EvalsetCreateJob(_Body):
    """`surefoot evalset create`: makes questions of the documents; `replace` a set of that name."""

    kind: Literal["evalset-create"]
    name: Name = "generated"
    solution: Solution = ""
    questions: Annotated[int, Field(ge=1, le=1_000_000)] = 200
    seed: Whole = 0
    methods: Annotated[
        list[Literal["heading", "definition", "statement", "asked", "table", "keyphrase", "cloze"]],
        Field(max_length=7),
    ] = []
    languages: Annotated[list[Language], Field(max_length=2)] = []
    reworded: Annotated[float, Field(ge=0, le=1)] = 0.3
    unanswerable: Annotated[float, Field(ge=0, le=1)] = 0.1
    hidden: bool = True
    model: Word = ""
    calls: Whole = 400
    replace: bool = False


class AdapterExportJob(_Body):
    """`surefoot adapters export`: writes a trained model in other forms and compares each with it."""

    kind: Literal["adapter-export"]
    name: Trained
    forms: Annotated[list[Literal["gguf-adapter", "gguf", "safetensors"]], Field(max_length=3)] = []
    number_type: Literal["f16", "q8_0"] = "f16"
    training_file: FileId = ""
    prompts: Annotated[int, Field(ge=1, le=10_000)] = 50
    tolerance: Annotated[float, Field(ge=0, le=1)] | None = None
    keep: bool = False


class MergedPart(_Body):
    """An adapter and how strongly it counts."""

    name: Trained
    weight: Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False)] = 1.0


class AdapterMergeJob(_Body):
    """`surefoot adapters merge`: adds adapters of one base up to a new one, called `into`."""

    kind: Literal["adapter-merge"]
    into: Trained
    parts: Annotated[list[MergedPart], Field(min_length=2, max_length=20)]
    how: Literal["svd", "linear", "ties", "cat"] = "svd"


AnyJob = Annotated[
    SyncJob
    | IndexBuildJob
    | EvaluateJob
    | OptimizeJob
    | CompareJob
    | TuneJob
    | AdapterExportJob
    | AdapterMergeJob
    | EvalsetCreateJob,
    Field(discriminator="kind"),
]
"""The body of a request to begin something."""
