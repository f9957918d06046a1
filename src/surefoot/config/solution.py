"""The solution file: which corpus, stages and models. A solution is data; this module only reads and names it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt
from pydantic.fields import FieldInfo

from surefoot.config.base import (
    Added,
    AnyPart,
    Asking,
    Incidental,
    KeyName,
    ModelName,
    Names,
    Part,
    PartSettings,
    PromptName,
    Settings,
    parse,
)
from surefoot.config.images import Images
from surefoot.config.media import Media
from surefoot.config.prices import Price, price_of
from surefoot.config.registry import Registry
from surefoot.core.digest import digest_json
from surefoot.core.errors import ConfigError, MissingError

ColumnType = Literal["text", "int", "float", "bool", "date", "list"]
RECIPE = (
    "chunk", "embed", "clean", "metadata", "describe", "views", "fold_han", "graph", "media", "images",
)  # fmt: skip
"""The corpus settings that an index is made with."""
_RECIPE_ALWAYS = RECIPE[:4]
Resolve = Callable[[str, str], str]


class Limits(Settings):
    """What reading one file may cost; a file over a limit is reported and skipped."""

    max_file_mb: PositiveInt = Field(default=50, description="size of a file, in megabytes")
    memory_mb: PositiveInt = Field(default=1024, description="memory of the process that reads it")
    seconds: PositiveInt = Field(default=60, description="time until the reading is stopped")


class Cleaning(Settings):
    """What is taken out of extracted text, and which documents count as copies."""

    repeated_lines: bool = Field(
        default=True, description="take out headers, footers and numbers that pages repeat"
    )
    hyphenation: bool = Field(default=True, description="join words that were cut at a line's end")
    invisible: bool = Field(default=True, description="take out zero-width and control characters")
    exact_duplicates: bool = Field(default=True, description="leave out documents of equal text")
    near_duplicates: float = Field(
        default=0.95,
        ge=0,
        le=1,
        description="likeness (Jaccard of word shingles) from which a document is a copy; 0 = off",
    )
    pii: Annotated[Literal["off", "tag", "mask"], Added()] = Field(
        default="off",
        description="e-mails, phone, id, card and account numbers, IP addresses: "
        "tag = their kinds under the metadata key pii; mask = replaced before anything is indexed",
    )


class Graph(Settings):
    """What is taken from each passage as that by which passages hang together: without a model, unless one is named."""

    numbers: bool = Field(default=True, description="dates and long numbers, beside names")
    phrases: NonNegativeInt = Field(default=6, description="key phrases of a passage at most")
    per_passage: PositiveInt = Field(default=32, description="entities of a passage at most")
    model: Annotated[ModelName, Added()] = Field(
        default="",
        description="a chat model that names entities and relations of each passage too; empty = none",
    )
    prompt: Annotated[PromptName, Added()] = Field(
        default="view/entities", description="what that model is told"
    )


class Corpus(Settings):
    """Where documents come from and how they are cut, embedded and described."""

    sources: Annotated[tuple[AnyPart, ...], Part("source")] = Field(
        default=(), description="where documents come from; surefoot add writes them here"
    )
    chunk: Annotated[AnyPart, Part("chunker", "structure")] = Field(
        description="how documents are cut",
        default_factory=lambda: _default("chunker", "structure"),
    )
    embed: Annotated[AnyPart, Part("embedder", "local")] = Field(
        description="which encoder makes the vectors",
        default_factory=lambda: _default("embedder", "local"),
    )
    describe: Annotated[tuple[AnyPart, ...], Part("describer")] = Field(
        default=(), description="where more metadata of each document comes from, in order"
    )
    views: Annotated[tuple[AnyPart, ...], Part("view")] = Field(
        default=(), description="other texts by which a passage is found, beside its own"
    )
    fold_han: bool = Field(
        default=False,
        description="searches take traditional and simplified Chinese characters for the same",
    )
    isolation: Annotated[Literal["shared", "strict"], Added()] = Field(
        default="shared",
        description="shared: word statistics of the whole corpus; strict: scores and answers as if the corpus held "
        "only what the asker may read",
    )
    graph: Graph | None = Field(
        default=None,
        description="keep what each passage names, for stages that follow it; null = no",
    )
    images: Images | None = Field(
        default=None,
        description="an endpoint that makes vectors of pictures and questions, for the stage images; null = none",
    )
    clean: Cleaning = Cleaning()
    limits: Limits = Limits()
    media: Media = Media()
    metadata: Mapping[str, ColumnType] = Field(
        default_factory=dict,
        description="type of a metadata key, to filter by it; others are told by their values",
    )


class Endpoint(Settings):
    """A chat model behind an OpenAI-compatible address, named `http:NAME` in stages.

    Address and model name what answers; key, time limit and prices do not change an answer.
    """

    base_url: str = Field(
        pattern=r"^https?://[^\s@]+$", description="ends before /chat/completions; holds no key"
    )
    model: str = Field(min_length=1, description="the model id that the endpoint expects")
    key: KeyName = Field(
        default="",
        description='"env:VAR": the environment variable that holds the key; empty sends none',
    )
    timeout_s: PositiveFloat = 60.0
    context_tokens: PositiveInt = 8192
    prompt_price: NonNegativeFloat | None = Field(
        default=None, description="US dollars per million prompt tokens; null: the price table's"
    )
    completion_price: NonNegativeFloat | None = Field(
        default=None, description="US dollars per million completion tokens; null: the table's"
    )

    @property
    def price(self) -> Price | None:
        """What it costs: as set here, else by the price table; None where neither says."""
        return price_of(
            self.base_url,
            self.model,
            prompt=self.prompt_price,
            completion=self.completion_price,
        )


class Memory(Settings):
    """What a conversation remembers of earlier questions and answers. It counts for `surefoot chat` alone."""

    words: PositiveInt = Field(
        default=1000,
        description="words, and characters of Chinese, that are remembered as they are",
    )
    older: Literal["cut", "summarise"] = Field(
        default="cut",
        description="what happens to what is older: forgotten, or summed up by a model",
    )
    model: str = Field(
        default="", description="the chat model that sums up; empty = the one that answers"
    )
    prompt: PromptName = "chat/remember"


class Solution(Settings):
    """One complete way to answer, as data."""

    schema_: Literal[1] = Field(default=1, alias="schema", description="version of this format")
    name: str = Field(
        default="default", pattern=r"^[\w.+-]+$", description="what traces and scores call it"
    )
    corpus: Corpus | None = Field(default=None, description="none: answers without documents")
    endpoints: Mapping[str, Endpoint] = Field(
        default_factory=dict,
        description='OpenAI-compatible addresses; a model "http:NAME" uses one',
    )
    memory: Memory = Memory()
    stages: Annotated[tuple[AnyPart, ...], Part("stage")] = Field(
        min_length=1, description="what a question goes through, in order"
    )


def read_solution(
    path: Path, registry: Registry, overrides: Mapping[str, Any] | None = None
) -> Solution:
    """Reads a solution file; `overrides` are `path -> value` pairs as given by `--set`."""
    return parse_solution(read_settings(path, overrides), registry, where=path.name)


def read_settings(path: Path, overrides: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What a solution file says with `overrides` applied, without defaults and unchecked."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise MissingError(
            "there is no such solution file", where=str(path), hint="surefoot init makes one"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ConfigError(f"is not valid TOML: {problem}", where=str(path)) from None
    for dotted, value in (overrides or {}).items():
        set_path(raw, dotted, value)
    return raw


def parse_solution(raw: object, registry: Registry, *, where: str = "solution") -> Solution:
    """Builds a solution from plain values.

    Raises:
        ConfigError: naming the path in the file and the remedy.
    """
    return parse(Solution, raw, registry, where=where)


def solution_json(solution: Solution) -> dict[str, Any]:
    """Every setting as plain values, defaults included, in the form that `parse_solution` reads."""
    return solution.model_dump(mode="json", by_alias=True)


def recipe_digest(
    corpus: Corpus, resolve: Resolve, endpoints: Mapping[str, Endpoint] | None = None
) -> str:
    """Names an index: chunker, encoder, views, cleaning and columns, weight hashes included; no sources or limits.

    `resolve(what, name)` gives the content hash of a `model`, `adapter`, `prompt` or `file`; models behind
    `endpoints` count by their address. Parts that are not used do not count, so that an index stays valid when a new
    one becomes possible.
    """
    counted = _counted(corpus, Asking)
    settings = {key: counted[key] for key in RECIPE if key in _RECIPE_ALWAYS or counted[key]}
    parts = (corpus.chunk, corpus.embed, *writing_settings(corpus))
    remote = _remote(writing_settings(corpus), endpoints or {})
    named = _resolved(parts, resolve, Asking)
    return digest_json([settings, named, *([remote] if remote else [])])


def writing_settings(corpus: Corpus) -> tuple[Settings, ...]:
    """The settings of what has a chat model write of the documents."""
    graph = corpus.graph
    return (*corpus.views, *([graph] if graph is not None and graph.model else []))


def solution_digest(solution: Solution, resolve: Resolve) -> str:
    """Names a solution: all that can change an answer, except its name and what is in the corpus."""
    corpus = solution.corpus
    recipe = recipe_digest(corpus, resolve, solution.endpoints) if corpus else None
    stages = [_counted(stage) for stage in solution.stages]
    named = [recipe, stages, _resolved(solution.stages, resolve)]
    remote = _remote(solution.stages, solution.endpoints)
    asking = _asking(solution.corpus.embed, resolve) if solution.corpus else []
    strict = ["strict"] if corpus is not None and corpus.isolation == "strict" else []
    return digest_json([*named, *(more for more in (remote, asking, strict) if more)])


def _asking(embed: PartSettings, resolve: Resolve) -> list[tuple[str, Any, str]]:
    """How questions are read otherwise than passages, where they are."""
    whats = {name: what for what, name in named_content(embed)}
    found = []
    for name, field in type(embed).model_fields.items():
        value = getattr(embed, name)
        if value and _marked(field, Asking):
            found.append((name, value, resolve(whats[value], value) if value in whats else ""))
    return found


def _counted(settings: Settings, *without: type) -> dict[str, Any]:
    """Plain values of all settings that can change a result; fields with a mark of `without` are left out too."""
    values = settings.model_dump(mode="json")
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        if _marked(field, Incidental, *without) or _as_before(field, value):
            del values[name]
        elif isinstance(value, Settings):
            values[name] = _counted(value, *without)
        elif isinstance(value, tuple) and value and isinstance(value[0], Settings):
            values[name] = [_counted(item, *without) for item in value]
    return values


def _as_before(field: FieldInfo, value: Any) -> bool:
    """Whether a field that came later says nothing."""
    default = field.get_default(call_default_factory=True)
    return _marked(field, Added) and bool(value == default)


def _marked(field: FieldInfo, *marks: type) -> bool:
    return any(isinstance(mark, marks) for mark in field.metadata)


def _remote(
    parts: Iterable[Settings], endpoints: Mapping[str, Endpoint]
) -> list[tuple[str, str, str]]:
    """Name, address and model of each endpoint that a part asks."""
    asked = {name for part in parts for what, name in named_content(part)}
    return [
        (name, endpoint.base_url, endpoint.model)
        for name, endpoint in sorted(endpoints.items())
        if f"http:{name}" in asked
    ]


def _resolved(
    parts: tuple[Settings, ...], resolve: Resolve, *without: type
) -> list[tuple[str, str, str]]:
    named = sorted({pair for part in parts for pair in named_content(part, *without)})
    return [(what, name, resolve(what, name)) for what, name in named]


def named_content(settings: Settings, *without: type) -> Iterator[tuple[str, str]]:
    """All `(what, name)` pairs of models, adapters and prompts that settings name, nested parts included.

    Fields with a mark of `without` are left out.
    """
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        mark = next((m for m in field.metadata if isinstance(m, Names)), None)
        counts = mark is not None and not _marked(field, *without)
        if mark is not None and counts and isinstance(value, str) and value:
            yield mark.what, value
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, Settings):
                yield from named_content(item, *without)


def set_path(raw: dict[str, Any], dotted: str, value: Any, *, where: str = "--set") -> None:
    """Puts a value at a path of plain settings; tables on the way are made where they are missing.

    Raises:
        ConfigError: the path leads through a value, or beyond the end of a list.
    """
    *parents, last = dotted.split(".")
    place: Any = raw
    hint = "surefoot config show lists all paths"
    for key in parents:
        try:
            place = place[int(key)] if isinstance(place, list) else place.setdefault(key, {})
        except (ValueError, IndexError, AttributeError):
            raise ConfigError(f"no such place {dotted!r}", where=where, hint=hint) from None
    try:
        if isinstance(place, list):
            place[int(last)] = value
        else:
            place[last] = value
    except (ValueError, IndexError, TypeError):
        raise ConfigError(f"no such place {dotted!r}", where=where, hint=hint) from None


def _default(role: str, kind: str) -> PartSettings:
    return Registry().settings_class(role, kind)(kind=kind)
