"""Tunes encoders and measures them on held-out questions: `python tests/bench/tuned_encoders.py [studies...]`.

Needs the extra `tune`. Each study divides a set by document (a shared list of answers by question), trains with the
rows to learn, stops and mixes by the dev rows, and asks the held-out questions once, of the encoder before and after:
vectors alone, and the default search. Corpora become workspaces under the folder, the training is a resumable job
there, and the scores of every question stay there (JSON): a second run only prints. `--write FILE` writes the tables.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from retrieval_quality import SETS, cases, default_data, opened

from surefoot.core.lang import normalise_answer
from surefoot.core.roles import Call
from surefoot.core.types import EvalCase, Query, Turn
from surefoot.evaluate.metrics import ndcg, ranked_documents
from surefoot.evaluate.stats import mean_score, paired_difference
from surefoot.retrieve.rerank.texts import whole_text
from surefoot.retrieve.search import Search, SearchSettings
from surefoot.run.workspace import Workspace
from surefoot.tune.encoder.settings import EmbedderSettings
from surefoot.tune.job import run_job
from surefoot.tune.rows import Origin, PairRow, TuningRows, write_rows
from surefoot.tune.spec import JobSpec

SEED = 0
DEPTH = 30
DEV_ROWS = 400
ROWS: Mapping[str, SearchSettings] = {
    "vectors alone": SearchSettings(keyword=0),
    "default": SearchSettings(),
}
GENERAL = {"pubmedqa-a": "en", "cmrc-trial": "zh"}
REPLAYED = ("clapnq-a", "csl-zh-a")


@dataclass(frozen=True)
class Study:
    """A set of SETS, how many clusters of it train and choose, and the settings that its dev rows chose."""

    set: str
    tuner: EmbedderSettings = field(default_factory=EmbedderSettings)
    base: str = "multilingual-e5-small"
    train: float = 0.5
    dev: float = 1 / 6
    rows: int | None = None
    also: tuple[str, ...] = ()


STUDIES: Mapping[str, Study] = {
    "zh-en": Study("xquad zh->en", EmbedderSettings(epochs=4), also=("xquad-en",)),
    "en-zh": Study("xquad en->zh", EmbedderSettings(epochs=4, looks=1), also=("xquad-zh",)),
    "banking77": Study("banking77", EmbedderSettings(method="linear"), rows=4000),
    "csl": Study("csl-zh-a", EmbedderSettings(epochs=2)),
}


@dataclass(frozen=True)
class Divided:
    """Rows to learn and to choose by, and the questions that are held out, with what may not be told apart."""

    rows: tuple[PairRow, ...]
    test: tuple[EvalCase, ...]
    clusters: tuple[str, ...]


def divided(study: Study, space: Workspace, data: Path) -> Divided:
    """The set by document, or by its own training questions where it has some."""
    documents, questions = SETS[study.set]
    asked = cases(data, documents, questions)
    texts, titles = passages(space)
    if (data / documents / "classification" / "train.jsonl").is_file():
        rows = labelled(data / documents / "classification" / "train.jsonl", texts, asked, study)
        return Divided(rows, tuple(asked), tuple(right(case) for case in asked))
    names = sorted(set(titles.values()))
    random.Random(SEED).shuffle(names)
    learn, choose = round(study.train * len(names)), round(study.dev * len(names))
    part = {name: "train" for name in names[:learn]}
    part |= {name: "dev" for name in names[learn : learn + choose]}
    rows = [
        pair(study.set, case, texts[right(case)], part[titles[right(case)]], titles[right(case)])
        for case in asked
        if titles[right(case)] in part
    ]
    test = tuple(case for case in asked if titles[right(case)] not in part)
    return Divided(tuple(rows), test, tuple(titles[right(case)] for case in test))


def labelled(
    file: Path, texts: Mapping[str, str], asked: Sequence[EvalCase], study: Study
) -> tuple[PairRow, ...]:
    """Questions with the name of their document; those that the held-out ones repeat are left out."""
    seen = {normalise_answer(case.question, "en") for case in asked}
    found = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    fresh = [row for row in found if normalise_answer(row["text"], "en") not in seen]
    print(f"{len(found) - len(fresh)} of {len(found)} rows repeat a held-out question: left out")
    random.Random(SEED).shuffle(fresh)
    wanted = fresh[: study.rows + DEV_ROWS if study.rows else None]
    return tuple(
        PairRow(
            id=f"{study.set}-{i}",
            query=row["text"],
            positive=texts[row["label"]],
            lang="en",
            split="dev" if i < DEV_ROWS else "train",
            origin=Origin(document=row["label"]),
        )
        for i, row in enumerate(wanted)
    )


def passages(space: Workspace) -> tuple[dict[str, str], dict[str, str]]:
    """The first passage of each document as it is embedded, and each document's title or id."""
    texts: dict[str, str] = {}
    titles: dict[str, str] = {}
    for document in space.documents():
        titles[document.id] = document.title or document.id
        chunk = next(iter(space.resources.index().chunks(document.id)))
        texts[document.id] = whole_text(chunk)
    return texts, titles


def right(case: EvalCase) -> str:
    """The document that answers best."""
    return max(case.relevant, key=lambda name: case.relevant[name])


def pair(name: str, case: EvalCase, text: str, split: Any, cluster: str) -> PairRow:
    """A question with the passage that answers it."""
    return PairRow(
        id=f"{name}-{case.id}",
        query=case.question,
        positive=text,
        lang=case.lang,
        split=split,
        origin=Origin(document=right(case), cluster=cluster),
    )


def general_rows(study: Study, options: argparse.Namespace) -> Path:
    """Rows of other subjects in both languages: some to replay, others to see what is forgotten.

    The study's own set is not replayed: its held-out questions would be among the rows.
    """
    replayed = [name for name in REPLAYED if name != study.set]
    file = options.folder / f"general-{'-'.join(replayed)}.jsonl"
    if file.is_file():
        return file
    rows: list[PairRow] = []
    for name in (*GENERAL, *replayed):
        documents, questions = SETS[name]
        asked = cases(options.data, documents, questions)
        taken = general_dev(asked) if name in GENERAL else asked[:: max(1, len(asked) // 150)]
        corpus = {
            row["_id"]: f"{row['title']}\n{row['text']}".strip()
            for row in map(json.loads, (options.data / documents / "corpus.jsonl").open())
        }
        split = "dev" if name in GENERAL else "train"
        rows += [pair(name, case, corpus[right(case)], split, right(case)) for case in taken]
    write_rows(TuningRows.of(rows), file)
    return file


def general_dev(asked: Sequence[EvalCase]) -> Sequence[EvalCase]:
    """The questions of a general set that training may look at: a hundred of the first half."""
    half = asked[: len(asked) // 2]
    return half[:: max(1, len(half) // 100)]


def general_test(asked: Sequence[EvalCase]) -> Sequence[EvalCase]:
    """Those that it never sees: of the second half about 250."""
    half = asked[len(asked) // 2 :]
    return half[:: max(1, len(half) // 250)]


@contextmanager
def asking(space: Workspace, folder: Path, settings: EmbedderSettings):
    """The workspace as the tuned encoder answers: its questions read anew, or its index built beside."""
    weights = str(folder / "weights")
    if settings.side == "query":
        with space.varied({"corpus.embed.query_model": weights}) as other:
            yield other
        return
    from surefoot.run.beside import beside

    with beside(space, {"corpus.embed.model": weights}, keep=True) as found:
        yield found.space


def ask(space: Workspace, asked: Sequence[EvalCase]) -> dict[str, list[float]]:
    """nDCG@10 of each question by row of the table."""
    parts = space.resources.parts()
    stages = {name: Search(settings, parts) for name, settings in ROWS.items()}
    scores: dict[str, list[float]] = {name: [] for name in ROWS}
    for case in asked:
        turn = Turn(Query(case.question, case.lang))
        for name, stage in stages.items():
            ranking = ranked_documents(stage(turn, Call(limit=DEPTH)).hits)
            scores[name].append(ndcg(ranking, case.relevant))
    return scores


def train(name: str, study: Study, options: argparse.Namespace, space: Workspace) -> Path:
    """The tuned weights, trained in a job of its own where they are not there yet."""
    out = options.folder / "jobs" / name
    out.mkdir(parents=True, exist_ok=True)
    rows = divided(study, space, options.data).rows
    write_rows(TuningRows.of(rows), out / "rows.jsonl")
    tuner = study.tuner.model_copy(update={"general": str(general_rows(study, options))})
    spec = JobSpec(
        name=name,
        tuner=tuner,
        base=study.base,
        rows=str(out / "rows.jsonl"),
        threads=options.threads,
    )
    card = run_job(
        spec,
        out,
        space.resources.env,
        lambda event: print(" ", event.message, flush=True) if event.message else None,
    )
    print(f"{name}: {dict(card.measured)}; {card.expense}", flush=True)
    return out


def measured(name: str, study: Study, options: argparse.Namespace) -> dict[str, Any]:
    """Scores before and after, asked once and kept."""
    kept = options.folder / f"{name}.json"
    if kept.is_file():
        return json.loads(kept.read_text(encoding="utf-8"))
    documents, _ = SETS[study.set]
    with opened(options.data, options.folder / documents, documents, {}) as space:
        folder = train(name, study, options, space)
        if options.dev_only:
            return {}
        found = divided(study, space, options.data)
        sets = {study.set: (space, found.test, found.clusters)}
        result = {key: scored(*value, folder, study) for key, value in sets.items()}
        for other in study.also:
            asked = [
                c for c in cases(options.data, *SETS[other]) if c.id in {t.id for t in found.test}
            ]
            result[other] = scored(space, asked, tuple(right(c) for c in asked), folder, study)
    for other in GENERAL:
        place, questions = SETS[other]
        with opened(options.data, options.folder / place, place, {}) as space:
            asked = general_test(cases(options.data, place, questions))
            result[other] = scored(space, asked, tuple(right(c) for c in asked), folder, study)
    kept.write_text(json.dumps(result), encoding="utf-8")
    return result


def scored(
    space: Workspace, asked: Sequence[EvalCase], clusters: Sequence[str], folder: Path, study: Study
) -> dict[str, Any]:
    """Scores of each question before and after."""
    before = ask(space, asked)
    with asking(space, folder, study.tuner) as other:
        after = ask(other, asked)
    return {"before": before, "after": after, "clusters": list(clusters)}


def table(name: str, result: Mapping[str, Any]) -> list[str]:
    """A line for each set and row: before, after, the paired difference, what it is of the score before, n."""
    lines = []
    for key, found in result.items():
        for row in ROWS:
            before, after = found["before"][row], found["after"][row]
            gain = paired_difference("ndcg@10", before, after, clusters=found["clusters"])
            was, now = (
                mean_score("ndcg@10", x, clusters=found["clusters"]) for x in (before, after)
            )
            lines.append(
                f"| {name} | {key} | {row} | {was.value:.3f} | {now.value:.3f}"
                f" | {gain.value:+.3f} ({gain.low:+.3f} to {gain.high:+.3f})"
                f" | {100 * gain.value / was.value:+.1f} % | {gain.n} | {len(set(found['clusters']))} |"
            )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("studies", nargs="*", help=f"of {', '.join(STUDIES)}; all by default")
    parser.add_argument("--folder", type=Path, default=Path("build/tuned-encoders"))
    parser.add_argument("--data", type=Path, default=default_data())
    parser.add_argument("--threads", type=int, default=0, help="of training; 0 = cores - 1")
    parser.add_argument("--dev-only", action="store_true", help="train; ask no held-out question")
    parser.add_argument("--write", type=Path, help="write the tables there")
    options = parser.parse_args()
    options.folder, options.data = options.folder.resolve(), options.data.resolve()
    options.folder.mkdir(parents=True, exist_ok=True)
    lines = [
        "| tuned on | asked | search | before | after | difference (95 % interval) | relative | n | clusters |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name in options.studies or STUDIES:
        lines += table(name, measured(name, STUDIES[name], options))
    print("\n".join(lines))
    if options.write:
        options.write.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
