"""The values that flow through the house. Knows only the filter language; holds no behaviour beyond that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from surefoot.core.filters import Filter

Lang = Literal["en", "zh", "other"]
MetaValue = str | int | float | bool | tuple[str, ...]
Meta = Mapping[str, MetaValue]
Markup = Literal["markdown", "plain", "code"]
Task = Literal["qa", "summarise", "translate", "classify", "format"]
Split = Literal["", "dev", "holdout"]


@dataclass(frozen=True, slots=True)
class Acl:
    """Who may read a document: everyone, or any of the users or groups."""

    public: bool = True
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks. `user=None` with `trusted=True` is the owner at the machine, who reads everything."""

    user: str | None = None
    groups: tuple[str, ...] = ()
    trusted: bool = True

    @property
    def is_owner(self) -> bool:
        """Whether it is the owner at the machine."""
        return self.user is None and self.trusted


@dataclass(frozen=True, slots=True)
class Region:
    """Where `document.text[start:end]` stands in an original that is no text: a scan, a picture, a recording.

    `page` counts from 1; `box` is left, top, right, bottom as shares of the page (0 to 1, from the upper left corner);
    `seconds` is when it begins and ends.
    """

    start: int
    end: int
    page: int | None = None
    box: tuple[float, float, float, float] | None = None
    seconds: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One text with its origin.

    `id` is what the source gives (a BEIR row's `_id`, else source name + relative path in NFC with
    `/`). `digest` is the sha256 of the original content. `pages` holds the character offset at which
    each page starts; empty where the format has no pages. `meta` has plain scalar values. `regions`, in the order of
    the text, are only there where it was read off a picture or a recording.
    """

    id: str
    uri: str
    digest: str
    text: str
    title: str = ""
    lang: Lang = "other"
    markup: Markup = "markdown"
    pages: tuple[int, ...] = ()
    meta: Meta = field(default_factory=dict)
    acl: Acl = Acl()
    regions: tuple[Region, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A character span `[start, end)` of a document; `text` is exactly `document.text[start:end]`.

    `index` counts the document's chunks from 0. `page` counts from 1; None where there are no pages.
    `lead` is what the indexed text repeats before the text: the header of a table that was cut by rows.
    One that is `outside` is of no document here: an engine elsewhere told it, and `uri` is all there is to go to.
    """

    id: str
    document_id: str
    text: str
    start: int
    end: int
    index: int = 0
    headings: tuple[str, ...] = ()
    title: str = ""
    uri: str = ""
    lang: Lang = "other"
    page: int | None = None
    meta: Meta = field(default_factory=dict)
    lead: str = ""
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked, by whom, over which documents. Rewriting adds, it never replaces `text`.

    `variants` are other wordings, searched beside it. `guesses` are passages that might answer it, embedded as
    passages by the vector search. `standalone` says by itself what `text` says only together with `history`.
    """

    text: str
    lang: Lang = "other"
    filter: Filter | None = None
    asker: Asker = Asker()
    variants: tuple[str, ...] = ()
    history: tuple[tuple[str, str], ...] = ()
    standalone: str = ""
    guesses: tuple[str, ...] = ()

    @property
    def asked(self) -> str:
        """What is searched, and what evidence is weighed against: the question by itself."""
        return self.standalone or self.text


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that a search found. Scores of different `by` do not compare.

    `signals` holds the raw numbers behind the score (such as `bm25`, `cosine`, ranks), for refusal,
    reranking and explanation.
    """

    chunk: Chunk
    score: float
    by: str
    signals: Mapping[str, float] = field(default_factory=dict)


class Hits(list[Hit]):
    """Hits, best first; a list that notebooks show as a table."""

    def _repr_html_(self) -> str:
        from surefoot.core.html import hits_html

        return hits_html(self)


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer consumed. `cost` is in US dollars; 0 for local models.

    `calls` counts chat calls; `encoder_tokens` are those that encoders and rerankers read. `unpriced` counts requests
    to endpoints whose price nobody has told: where there are some, `cost` is not the whole.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    calls: int = 0
    encoder_tokens: int = 0
    unpriced: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.cost + other.cost,
            self.calls + other.calls,
            self.encoder_tokens + other.encoder_tokens,
            self.unpriced + other.unpriced,
        )


@dataclass(frozen=True, slots=True)
class Expense:
    """What some work took: wall and processor seconds (all threads of the process), and what was consumed.

    What is kept and used again carries the expense of when it was made, and is charged it each time.
    """

    wall_s: float = 0.0
    cpu_s: float = 0.0
    usage: Usage = Usage()

    def __add__(self, other: Expense) -> Expense:
        return Expense(
            self.wall_s + other.wall_s, self.cpu_s + other.cpu_s, self.usage + other.usage
        )


@dataclass(frozen=True, slots=True)
class Citation:
    """Ties `answer.text[start:end]` to `document.text[source_start:source_end]`, which reads `quote`.

    `number` is the mark printed as `[number]`. `supported` is the verdict of the check in code. `region` is where
    the quote stands in a scan or a recording.
    """

    number: int
    start: int
    end: int
    chunk: Chunk
    source_start: int
    source_end: int
    quote: str
    supported: bool = True
    region: Region | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said. A refusal is a value: `refused` is True and the text says so in the query's language.

    `confidence` is the calibrated probability that the documents answer the question (0 to 1). `value` is what the
    text says as a value, where JSON or one of some labels was asked for.
    """

    text: str
    citations: tuple[Citation, ...] = ()
    refused: bool = False
    confidence: float | None = None
    unsupported: tuple[str, ...] = ()
    usage: Usage = Usage()
    value: Any = None

    def __str__(self) -> str:
        from surefoot.core.regions import cited_place

        sources = [
            f"[{citation.number}] {citation.chunk.title or citation.chunk.document_id}"
            + cited_place(citation)
            + (f" ({citation.chunk.uri})" if citation.chunk.uri else "")
            for citation in {c.number: c for c in reversed(self.citations)}.values()
        ]
        return "\n".join([self.text, "", *sorted(sources)]) if sources else self.text

    def _repr_html_(self) -> str:
        """The answer with its marks and quoted sources, for notebooks."""
        from surefoot.core.html import answer_html

        return answer_html(self)


@dataclass(frozen=True, slots=True)
class Note:
    """Something a stage wants said in the trace: a skipped part, a replaced default, a dropped hit.

    `steady` notes follow from question and documents alone: asked again, the same is said. Others may be of a failure.
    """

    stage: str
    message: str
    steady: bool = False

    @property
    def line(self) -> str:
        """The message after its stage: `rerank: 3 hits are below 0.5`."""
        return f"{self.stage}: {self.message}"


@dataclass(frozen=True, slots=True)
class Turn:
    """The state of one question on its way through the stages."""

    query: Query
    hits: tuple[Hit, ...] = ()
    answer: Answer | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class GoldSpan:
    """Evidence: `document.text[start:end]`, which reads `quote`; it survives another way of cutting.

    `start` and `end` are None until the quote has been found in the document.
    """

    document_id: str
    quote: str
    start: int | None = None
    end: int | None = None
    grade: int = 1


@dataclass(frozen=True, slots=True)
class EvalCase:
    """One question with what a right answer needs.

    `relevant` maps document ids to grades (> 0 is relevant, 0 judged not relevant), those of `gold` included.
    `answers` empty with `answerable=False` means that the right behaviour is to say so. `cluster` names what
    hangs together, by default the first gold document: it is not divided by a split, and intervals resample
    it whole. `source` is `human`, `log`, `imported` or `generated:<method>`.
    """

    id: str
    question: str
    lang: Lang
    relevant: Mapping[str, int] = field(default_factory=dict)
    answers: tuple[str, ...] = ()
    answerable: bool = True
    filter: Filter | None = None
    tags: tuple[str, ...] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)
    gold: tuple[GoldSpan, ...] = ()
    cluster: str = ""
    split: Split = ""
    source: str = "human"


@dataclass(frozen=True, slots=True)
class EvalSet:
    """Questions frozen under a digest. `task` says what is asked of an answer, and so its metrics.

    An edited set counts its `version` up; `parent` is the digest of what it was made from.
    """

    name: str
    digest: str
    cases: tuple[EvalCase, ...]
    task: Task = "qa"
    version: int = 1
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """A metric with its 95 % interval over `n` questions."""

    metric: str
    value: float
    low: float
    high: float
    n: int
