"""Solution to running parts: opens encoder, index and chat models once, on first use, and closes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Protocol, TypeVar, cast, runtime_checkable

from surefoot.config.base import PartSettings
from surefoot.config.prompts import Prompt, Prompts
from surefoot.config.registry import Registry
from surefoot.config.settings import AppSettings
from surefoot.config.solution import (
    Corpus,
    Solution,
    named_content,
    recipe_digest,
    solution_digest,
)
from surefoot.core.digest import sha256_file
from surefoot.core.errors import ConfigError, MissingError
from surefoot.core.roles import (
    ChatModel,
    Chunker,
    Encoder,
    Engine,
    HitScorer,
    Parts,
    Reranker,
    Source,
    Stage,
    Viewer,
    WritingViewer,
)
from surefoot.ingest.sources.uploads import UploadsSource
from surefoot.models.base import ModelEnv
from surefoot.models.embed_folded import folded
from surefoot.run.order import check_isolation, check_order, check_views
from surefoot.run.picture_search import PictureSearch
from surefoot.run.pipeline import NamedStage
from surefoot.run.places import INNER, KEPT, Place
from surefoot.store.uploads import FILES, UploadBook

if TYPE_CHECKING:
    from surefoot.ingest.describe import Descriptions
    from surefoot.models.chat_shared import SharedBase
    from surefoot.store.lance import LanceIndex


@runtime_checkable
class Closeable(Protocol):
    """Something that holds files, models or connections."""

    def close(self) -> None: ...


C = TypeVar("C", bound=Closeable)


class Resources:
    """What a solution's parts share. Safe to use from several threads."""

    def __init__(
        self, solution: Solution, place: Place, settings: AppSettings, registry: Registry
    ) -> None:
        self.solution = solution
        self.place = place
        self._settings = settings
        self._registry = registry
        self._prompts = Prompts(place.prompts)
        self._chats: dict[tuple[str, ...], Closeable] = {}
        self._rerankers: dict[str, Reranker | HitScorer] = {}
        self._engines: dict[str, Engine] = {}
        self._closing = ExitStack()
        self._lock = RLock()
        self._whole = self

    def under(self, solution: Solution) -> Resources:
        """The same for a solution that differs in its stages: all that is open is shared, and closed by this one."""
        other = Resources(solution, self.place, self._settings, self._registry)
        other._whole, other._lock, other._closing = self._whole, self._lock, self._closing
        other._chats, other._rerankers = self._chats, self._rerankers
        other._engines = self._engines
        return other

    @property
    def corpus(self) -> Corpus:
        """The corpus settings.

        Raises:
            ConfigError: the solution has no corpus.
        """
        if self.solution.corpus is None:
            raise ConfigError(
                "this solution has no [corpus]",
                where=self.solution.name,
                hint="add [corpus] to search documents",
            )
        return self.solution.corpus

    @cached_property
    def env(self) -> ModelEnv:
        """Where model weights are and how they may be run."""
        return ModelEnv(
            cache=self._settings.models,
            offline=self._settings.offline,
            threads=self._settings.threads,
            root=self.place.root,
        )

    @cached_property
    def recipe(self) -> str:
        """The digest that names the index of this solution."""
        return recipe_digest(self.corpus, self._content_hash, self.solution.endpoints)

    @cached_property
    def digest(self) -> str:
        """The digest that names this solution."""
        return solution_digest(self.solution, self._content_hash)

    def encoder(self) -> Encoder:
        """The encoder of the corpus, opened once."""
        with self._lock:
            return self._whole._encoder

    def index(self) -> LanceIndex:
        """The index of this solution's recipe, opened once."""
        with self._lock:
            return self._whole._index

    def chat(self, name: str, adapter: str = "", /) -> ChatModel:
        """A chat model by alias, file or endpoint, opened once, or what was trained of it in this workspace.

        Adapters of one base share one engine, which switches at each request; whole weights are a model of their own.

        Raises:
            MissingError: there is no such model or adapter.
            ConfigError: the adapter was trained on other weights.
            DataError: it was not exported well.
        """
        from surefoot.models.chat import open_chat

        with self._lock:
            if not adapter:
                return self._opened(
                    (name,), lambda: open_chat(name, self.env, self.solution.endpoints)
                )
            from surefoot.run.adapters import served_with

            found = served_with(self.place.root, adapter, name, self.env)
            if found.form == "gguf":
                return self._opened(
                    (str(found.file),), lambda: open_chat(str(found.file), self.env)
                )
            return self._base(name, found.card.base_digest).under(found.digest, found.file)

    def reranker(self, settings: PartSettings) -> Reranker | HitScorer:
        """A reranker from its settings, opened once for equal ones."""
        name = f"{settings.kind} {settings.model_dump_json()}"
        with self._lock:
            if name not in self._rerankers:
                make = self._registry.part_class("reranker", settings.kind)
                model: Reranker | HitScorer = make(settings, self.env)
                self._closing.callback(model.close)
                self._rerankers[name] = model
            return self._rerankers[name]

    def engine(self, settings: PartSettings) -> Engine:
        """A search engine elsewhere from its settings, opened once for equal ones."""
        name = f"{settings.kind} {settings.model_dump_json()}"
        with self._lock:
            if name not in self._engines:
                made: Engine = self._registry.part_class("engine", settings.kind)(
                    settings, self.env, self.encoder
                )
                self._closing.callback(made.close)
                self._engines[name] = made
            return self._engines[name]

    def pictures(self) -> PictureSearch | None:
        """The pictures of the corpus, opened once; None where no endpoint makes vectors of them."""
        images = self.solution.corpus.images if self.solution.corpus is not None else None
        if images is None:
            return None
        with self._lock:
            return self._opened(
                ("images",), lambda: PictureSearch(images, self.env, self.place, self.recipe)
            )

    def chunker(self, other: PartSettings | None = None) -> Chunker:
        """The chunker of the corpus, or one of other settings, measuring with its encoder."""
        settings = other or self.corpus.chunk
        part: Chunker = self._registry.part_class("chunker", settings.kind)(
            settings, self.encoder()
        )
        return part

    def viewers(self) -> list[Viewer | WritingViewer]:
        """What makes the other views of the passages, in order.

        Raises:
            ConfigError: two views have the same name.
        """
        made = [self._viewer(settings) for settings in self.corpus.views]
        names = [viewer.name for viewer in made]
        for name in names:
            if names.count(name) > 1:
                raise ConfigError(
                    f"two views are named {name!r}",
                    where="corpus.views",
                    hint='give one of them a name = "..." of its own',
                )
        return made

    def prompt(self, name: str, lang: str, /) -> Prompt:
        """A prompt by name, in a language."""
        return self._prompts.get(name, lang)

    def chat_digest(self, name: str) -> str:
        """What names the chat model that answers under a name."""
        endpoint = self.solution.endpoints.get(name.removeprefix("http:"))
        if not name.startswith("http:") or endpoint is None:
            return self._content_hash("model", name)
        return f"{endpoint.base_url} {endpoint.model}"

    def sources(self) -> list[Source]:
        """The sources of the corpus, paths relative to the workspace; uploads are one where there are any."""
        return [*map(self.source, self.corpus.sources), *self._uploads()]

    def _uploads(self) -> list[Source]:
        if not (self.place.root / INNER / FILES).is_dir():
            return []
        return [UploadsSource(self._whole._upload_book)]

    @cached_property
    def _upload_book(self) -> UploadBook:
        book = UploadBook.at(self.place.root / INNER, self._settings.ledger)
        self._closing.callback(book.close)
        return book

    def source(self, settings: PartSettings) -> Source:
        """One source from its settings; one on another machine is out of reach while the network is off."""
        part: Source = self._registry.part_class("source", settings.kind)(settings, self.place.root)
        if not self._settings.offline:
            return part
        from surefoot.ingest.offline import without_network

        return without_network(part)

    def descriptions(self) -> Descriptions:
        """The describers of the corpus in order, made anew: each sync reads their files as they are then."""
        from surefoot.ingest.describe import Descriptions

        describers = [
            self._registry.part_class("describer", settings.kind)(settings, self.place.root)
            for settings in self.corpus.describe
        ]
        return Descriptions(describers, self.corpus.metadata)

    def stages(self) -> list[NamedStage]:
        """The stages in order, built but with nothing heavy opened.

        Raises:
            ConfigError: their order cannot work, a search names a view that the corpus does not make, or a part
                cannot keep what the corpus isolates apart.
        """
        check_views(self.solution)
        check_isolation(self.solution)
        return self.built(self.solution.stages, self.parts())

    def built(self, stages: Sequence[PartSettings], parts: Parts) -> list[NamedStage]:
        """Other stages of the same corpus, built of these parts with nothing heavy opened.

        Raises:
            ConfigError: their order cannot work.
        """
        made = [
            NamedStage(f"stages.{i}", settings.kind, self.stage(settings, parts))
            for i, settings in enumerate(stages)
        ]
        check_order(made, self.solution.name)
        return made

    def parts(self) -> Parts:
        """What stages are given."""
        return Parts(
            self.index,
            self.encoder,
            self.chat,
            self._prompts.get,
            lambda settings: self.stage(settings, self.parts()),
            self._file,
            self.reranker,
            self.engine,
            self.pictures,
            keep=self.place.root / INNER / KEPT,
        )

    def stage(self, settings: PartSettings, parts: Parts) -> Stage:
        """A stage from its settings."""
        made: Stage = self._registry.part_class("stage", settings.kind)(settings, parts)
        return made

    def close(self) -> None:
        """Closes what was opened."""
        self._closing.close()

    @cached_property
    def _encoder(self) -> Encoder:
        settings = self.corpus.embed
        encoder: Encoder = self._registry.part_class("embedder", settings.kind)(settings, self.env)
        self._closing.callback(encoder.close)
        return folded(encoder) if self.corpus.fold_han else encoder

    @cached_property
    def _index(self) -> LanceIndex:
        from surefoot.store.lance import Recipe
        from surefoot.store.opening import open_index

        encoder = self.encoder()
        recipe = Recipe(
            self.recipe,
            encoder.dimensions,
            self.corpus.metadata,
            encoder.digest,
            views=bool(self.corpus.views),
            fold_han=self.corpus.fold_han,
            entities=self.corpus.graph is not None,
        )
        index = open_index(self.place.tables, recipe, strict=self.corpus.isolation == "strict")
        self._closing.callback(index.close)
        return index

    def _viewer(self, settings: PartSettings) -> Viewer | WritingViewer:
        make = self._registry.part_class("view", settings.kind)
        more = (self.prompt,) if getattr(make, "writes", False) else ()
        made: Viewer | WritingViewer = make(settings, self.encoder(), *more)
        return made

    def _file(self, name: str) -> Path:
        """A file that settings name.

        Raises:
            MissingError: there is none.
        """
        path = self.place.root / Path(name).expanduser()
        if not path.is_file():
            raise MissingError("there is no such file", where=str(path))
        return path

    def _opened(self, key: tuple[str, ...], make: Callable[[], C]) -> C:
        if key not in self._chats:
            model = make()
            self._closing.callback(model.close)
            self._chats[key] = model
        return cast("C", self._chats[key])

    def _base(self, name: str, content: str) -> SharedBase:
        """The one engine of a base for all adapters of it, whatever the base is called."""
        from surefoot.models.chat import open_chat
        from surefoot.models.chat_shared import SharedBase
        from surefoot.models.weights import content_of
        from surefoot.run.adapters import adapters_beside

        stages, root, env = self.solution.stages, self.place.root, self.env
        first = {n for s in stages for what, n in named_content(s) if what == "adapter"}
        return self._opened(
            ("adapters", content_of(content)),
            lambda: SharedBase(
                lambda files: open_chat(name, env, self.solution.endpoints, files),
                lambda: adapters_beside(root, first, name, env),
            ),
        )

    def _content_hash(self, what: str, name: str) -> str:
        if what == "prompt":
            return self._prompts.digest(name)
        if what == "file":
            return sha256_file(self._file(name))
        if what == "adapter":
            from surefoot.run.adapters import served_digest

            return served_digest(self.place.root, name, self.env)
        from surefoot.models.weights import model_digest

        return model_digest(name, self.env)
