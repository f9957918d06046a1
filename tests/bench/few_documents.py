"""How often a corpus of one page refuses what it answers, and answers what it does not say.

Run: `python tests/bench/few_documents.py SET --pages 24`, SET a folder in BEIR layout whose documents have titles, such
as xquad-en. Each page is the first one of a title, alone in a workspace of its own. It is asked questions of its own,
of the other pages of its title ("near") and of other titles ("far"), with rarity told among so many chunks as there
are (`--few 1`) and as shipped.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import surefoot
from surefoot.core import rarity
from surefoot.evaluate.stats import wilson

Pages = dict[str, list[str]]
SEED = 5


def rows(file: Path) -> list[dict[str, str]]:
    """The lines of a JSONL file."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def read(folder: Path) -> tuple[dict[str, str], Pages, Pages]:
    """The texts by id, the ids by title, and the questions by id."""
    texts, titles, asked = {}, defaultdict(list), defaultdict(list)
    for row in rows(folder / "corpus.jsonl"):
        texts[row["_id"]] = row["text"]
        titles[row["title"]].append(row["_id"])
    words = {row["_id"]: row["text"] for row in rows(folder / "queries.jsonl")}
    for file in (folder / "qrels").glob("*.tsv"):
        for line in file.read_text(encoding="utf-8").splitlines()[1:]:
            question, page, grade = line.split("\t")[:3]
            if float(grade) > 0:
                asked[page].append(words[question])
    return texts, titles, asked


def refused(
    text: str, kinds: Mapping[str, Sequence[str]], few: Sequence[int]
) -> dict[str, list[bool]]:
    """Whether each question was refused, by kind and smallest number of chunks."""
    found: dict[str, list[bool]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "docs", "page.txt")
        page.parent.mkdir()
        page.write_text(text, encoding="utf-8")
        with surefoot.open(Path(folder, "space")) as space:
            space.add(page.parent)
            for kind, questions in kinds.items():
                for question in questions:
                    for least in few:
                        rarity.FEW = least  # type: ignore[misc]
                        found[f"{kind}, few = {least}"].append(space.ask(question).refused)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", type=Path)
    parser.add_argument("--pages", type=int, default=24)
    parser.add_argument("--questions", type=int, default=4, help="of each kind for a page")
    parser.add_argument("--few", type=int, nargs="*", default=[1, rarity.FEW])
    options = parser.parse_args()
    texts, titles, asked = read(options.set)
    chance = random.Random(SEED)
    names = sorted(titles)
    chance.shuffle(names)
    told: dict[str, list[bool]] = defaultdict(list)
    for name in names[: options.pages]:
        first, *others = titles[name]
        far = [q for n in names if n != name for q in asked[titles[n][0]]]
        kinds = {"own": asked[first], "near": [q for o in others for q in asked[o]], "far": far}
        drawn = {
            kind: chance.sample(questions, min(options.questions, len(questions)))
            for kind, questions in kinds.items()
        }
        for kind, found in refused(texts[first], drawn, options.few).items():
            told[kind] += found
    for kind, found in told.items():
        low, high = wilson(sum(found), len(found))
        print(
            f"{kind}: {sum(found) / len(found):.2f} [{low:.2f}, {high:.2f}] refused, n = {len(found)}"
        )


if __name__ == "__main__":
    main()
