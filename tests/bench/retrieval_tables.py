"""Tables of retrieval quality with intervals, beside what other tools reached on the same sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from surefoot.core.types import Score
from surefoot.evaluate.stats import mean_score, paired_difference

MAIN = ("2wiki-a", "medfaq-a", "banking77", "xquad-en", "csl-zh-a", "cmrc-trial", "xquad zh->en")
DEFAULT = "default"
EXTRA = ("xquad-zh", "xquad en->zh", "clapnq-a", "pubmedqa-a", "sec-10q")
# Documented quickstarts of other tools, nDCG@10, measured once on the same sets; only the means are known.
TOOLS: Mapping[str, tuple[float, ...]] = {
    "LlamaIndex": (0.648, 0.772, 0.920, 0.943, 0.991, 0.965, 0.818),
    "LangChain + FAISS": (0.676, 0.800, 0.921, 0.934, 0.991, 0.965, 0.707),
    "Haystack, hybrid": (0.719, 0.814, 0.896, 0.971, 0.993, 0.980, 0.760),
    "txtai, hybrid": (0.611, 0.819, 0.911, 0.981, 0.992, 0.986, 0.764),
}


@dataclass
class Measured:
    """nDCG@10 of every question of a set, by setting of the search; `label` says what else was changed."""

    name: str
    label: str
    questions: list[str]
    scores: dict[str, list[float]]


def tables(known: Sequence[Measured], order: Sequence[str]) -> str:
    """All tables as Markdown."""
    by_name = {one.name: one for one in known if one.label == DEFAULT}
    others = {(one.name, one.label): one for one in known if one.label != DEFAULT}
    main = [by_name[name] for name in order if name in by_name and name in MAIN]
    extra = [by_name[name] for name in order if name in by_name and name not in MAIN]
    parts = (
        [*_means(main), "", *_against_tools(main), "", *_paired([*main, *extra])] if main else []
    )
    parts += ["", *_encoders(by_name, others, order)] if others else []
    parts += ["", *_means(extra)] if extra else []
    return "\n".join(parts) + "\n"


def _means(sets: Sequence[Measured]) -> Iterator[str]:
    yield f"| nDCG@10 | {' | '.join(one.name for one in sets)} | mean |"
    yield f"|---|{'---|' * (len(sets) + 1)}"
    for row in _shared(sets):
        values = [mean_score("ndcg@10", one.scores[row]) for one in sets]
        mean = sum(score.value for score in values) / len(values)
        cells = " | ".join(
            f"{_short(score.value)} ({_short(score.low)}-{_short(score.high)})"
            if row == "default"
            else _short(score.value)
            for score in values
        )
        yield f"| {row} | {cells} | {_short(mean)} |"
    if sets[0].name in MAIN:
        for tool, reached in TOOLS.items():
            at = [reached[MAIN.index(one.name)] for one in sets]
            yield f"| {tool} | {' | '.join(map(_short, at))} | {_short(sum(at) / len(at))} |"
    yield f"| questions | {' | '.join(str(len(one.questions)) for one in sets)} | |"


def _against_tools(sets: Sequence[Measured]) -> Iterator[str]:
    yield "| set | n | default | 95% interval | best other tool | verdict |"
    yield "|---|---|---|---|---|---|"
    for one in sets:
        score = mean_score("ndcg@10", one.scores["default"])
        best, tool = max((reached[MAIN.index(one.name)], tool) for tool, reached in TOOLS.items())
        yield (
            f"| {one.name} | {score.n} | {_short(score.value)} | {_short(score.low)} to {_short(score.high)} |"
            f" {tool} {_short(best)} | {_verdict(score, best)} |"
        )


def _paired(sets: Sequence[Measured]) -> Iterator[str]:
    rows = [row for row in _shared(sets) if row != "default"]
    yield f"| default minus | {' | '.join(rows)} |"
    yield f"|---|{'---|' * len(rows)}"
    for one in sets:
        cells = [
            _difference(paired_difference("ndcg@10", one.scores[row], one.scores["default"]))
            for row in rows
        ]
        yield f"| {one.name} | {' | '.join(cells)} |"


def _encoders(
    ours: Mapping[str, Measured], others: Mapping[tuple[str, str], Measured], order: Sequence[str]
) -> Iterator[str]:
    yield "| set | other encoder | vectors alone | fused | default minus its vectors | default minus its fused |"
    yield "|---|---|---|---|---|---|"
    for (name, label), other in sorted(others.items(), key=lambda item: order.index(item[0][0])):
        if name not in ours or ours[name].questions != other.questions:
            continue
        alone, fused = other.scores["vector alone"], other.scores["default"]
        default = ours[name].scores["default"]
        yield (
            f"| {name} | {label} | {_short(mean_score('', alone).value)} | {_short(mean_score('', fused).value)} |"
            f" {_difference(paired_difference('', alone, default))} |"
            f" {_difference(paired_difference('', fused, default))} |"
        )


def _shared(sets: Sequence[Measured]) -> list[str]:
    return [row for row in sets[0].scores if all(row in one.scores for one in sets)]


def _verdict(score: Score, best: float) -> str:
    if score.low > best:
        return "above"
    return "below" if score.high < best else "no difference proven"


def _difference(score: Score) -> str:
    proven = score.low > 0 or score.high < 0
    text = f"{score.value:+.3f} ({score.low:+.3f} to {score.high:+.3f})"
    return f"**{text}**" if proven else text


def _short(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")
