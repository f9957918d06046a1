"""Refuses stages that cannot work where they stand, and says why. Knows what stages take, produce and name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from surefoot.config.base import Settings
from surefoot.config.solution import Solution, named_content
from surefoot.core.errors import ConfigError
from surefoot.retrieve.engines.base import EngineSettings
from surefoot.retrieve.search import SearchSettings
from surefoot.run.pipeline import NamedStage


def check_order(stages: Sequence[NamedStage], where: str) -> None:
    """Sees to it that every stage has what it takes, and that nothing it does is lost.

    Raises:
        ConfigError: naming the stage, its place and the remedy.
    """
    for place, named in enumerate(stages):
        before, after = stages[:place], stages[place + 1 :]
        problem = _lacks_hits(named, before) or _follows_answer(before) or _unread(named, after)
        if problem:
            reason, hint = problem
            raise ConfigError(
                f"{named.path} ({named.kind}) {reason}", where=f"{where}: {named.path}", hint=hint
            )


def check_views(solution: Solution) -> None:
    """Sees to it that the corpus makes every view that a search names.

    Raises:
        ConfigError: naming the stage and the view.
    """
    views = solution.corpus.views if solution.corpus else ()
    made = {getattr(view, "name", "") or view.kind for view in views}
    for place, stage in enumerate(solution.stages):
        for name in _named_views(stage):
            if name not in made:
                raise ConfigError(
                    f"stages.{place} ({stage.kind}) searches the view {name!r}, which the corpus does not make",
                    where=f"{solution.name}: stages.{place}",
                    hint=f'put views = [{{ kind = "{name}" }}] under [corpus], or take it out',
                )


def check_isolation(solution: Solution) -> None:
    """Sees to it that nothing which may hold other people's documents answers where each asker is kept apart.

    Raises:
        ConfigError: naming the part.
    """
    corpus = solution.corpus
    if corpus is None or corpus.isolation != "strict":
        return
    embed = corpus.embed
    found = [("corpus.embed", f"query_model = {name!r}")] if (name := _tuned(embed)) else []
    for place, stage in enumerate(solution.stages):
        found += [(f"stages.{place}", what) for what in _mixing(stage)]
    for path, what in found:
        raise ConfigError(
            f'{path} has {what}, whose rights nobody knows, and isolation is "strict"',
            where=f"{solution.name}: {path}",
            hint='take it out, or set isolation = "shared" under [corpus]',
        )


def _tuned(embed: Settings) -> str:
    return str(getattr(embed, "query_model", None) or "")


def _mixing(settings: Settings) -> Iterator[str]:
    """What a part uses that was learned from documents or searches others' words, nested parts included."""
    yield from (
        f"the adapter {name!r}" for what, name in named_content(settings) if what == "adapter"
    )
    yield from (f"engine {kind!r}" for kind in _engines(settings))


def _engines(settings: Settings) -> Iterator[str]:
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, EngineSettings):
                yield item.kind
            elif isinstance(item, Settings):
                yield from _engines(item)


def _named_views(settings: Settings) -> Iterator[str]:
    """The views that searches name, those of nested stages included."""
    if isinstance(settings, SearchSettings):
        yield from settings.views
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, Settings):
                yield from _named_views(item)


def _lacks_hits(named: NamedStage, before: Sequence[NamedStage]) -> tuple[str, str] | None:
    if named.stage.takes != "hits" or any(s.stage.produces == "hits" for s in before):
        return None
    return "works on hits, and no stage before it finds any", 'put kind = "search" before it'


def _follows_answer(before: Sequence[NamedStage]) -> tuple[str, str] | None:
    answering = next((s for s in before if s.stage.produces == "answer"), None)
    if answering is None:
        return None
    reason = f"comes after {answering.path} ({answering.kind}), which has answered already"
    return reason, f"move it before {answering.path}, or take one of them out"


def _unread(named: NamedStage, after: Sequence[NamedStage]) -> tuple[str, str] | None:
    """A changed query that no later search reads changes nothing."""
    if named.stage.produces != "query" or any(s.stage.takes == "query" for s in after):
        return None
    return "changes the query, and no stage after it searches", 'move it before kind = "search"'
