"""Measures what a technique of searching changes: `python tests/bench/search_techniques.py TECHNIQUE --folder DIR`.

Each corpus is a workspace under the folder. Questions are asked as they are, with one slip of the keyboard each
(`--change typed`: letters swapped or left out, a Chinese character by one of the same sound; seeded by the question's
place) or in traditional characters (`--change traditional`: needs `pip install opencc`).
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from retrieval_quality import CHUNKS, SETS, cases, default_data

import surefoot
from surefoot.config.base import PartSettings
from surefoot.config.registry import Registry
from surefoot.core.roles import Call, Parts
from surefoot.core.types import EvalCase, Query, Turn
from surefoot.evaluate.metrics import ndcg, ranked_documents
from surefoot.evaluate.stats import mean_score, paired_difference
from surefoot.retrieve.question.typos import homophones

Change = Callable[[str, int], str]
Row = Sequence[Mapping[str, object]]
SEARCH: Mapping[str, object] = {"kind": "search"}
KEYWORD: Mapping[str, object] = {"kind": "search", "vector": 0}
RRF: Mapping[str, object] = {"kind": "search", "fusion": "rrf", "weight": 0.5}
SPELLING: Mapping[str, object] = {"kind": "spelling"}
# Written before anything was measured, from what banks call things; banking77 has questions of a bank's customers.
BANKING = (
    "top up, add money, deposit",
    "transfer, send money",
    "ATM, cash machine",
    "PIN, passcode",
    "refund, money back",
    "card, debit card",
    "identity, ID",
    "fee, charge",
    "exchange rate, conversion rate",
    "beneficiary, recipient",
)
# The same for medicine, quarterly reports, and Chinese questions to English texts.
MEDICINE = (
    "heart attack, myocardial infarction",
    "high blood pressure, hypertension",
    "blood thinner, anticoagulant",
    "painkiller, pain reliever, analgesic",
    "water pill, diuretic",
    "side effect, adverse reaction",
    "drug, medicine, medication",
    "dose, dosage",
    "shot, injection",
    "kidney, renal",
    "liver, hepatic",
    "cancer, tumor",
)
REPORTS = (
    "revenue, net sales",
    "profit, net income, earnings",
    "R&D, research and development",
    "capital expenditure, purchases of property and equipment",
    "buyback, repurchase of common stock",
    "debt, notes payable, borrowings",
    "EPS, earnings per share",
    "gross margin, gross profit",
    "tax, provision for income taxes",
    "cash flow, cash provided by operating activities",
)
BILINGUAL = (
    "大学 => university",
    "公司 => company",
    "战争 => war",
    "政府 => government",
    "国王 => king",
    "人口 => population",
    "法律 => law",
    "语言 => language",
    "教会 => church",
    "城市 => city",
    "学生 => students",
    "河 => river",
)


def _synonyms(groups: Sequence[str]) -> Sequence[tuple[str, str, Row]]:
    """Rows for one set of groups."""
    stage = {"kind": "synonyms", "groups": groups}
    return (("search", "", [SEARCH]), ("synonyms", "search", [stage, SEARCH]))


# name: (label, the label it is compared with, its stages)
TECHNIQUES: Mapping[str, Sequence[tuple[str, str, Row]]] = {
    "fusion": (
        ("guard off", "", [{**SEARCH, "guard": 0}]),
        ("guard 0.3", "guard off", [SEARCH]),
        ("exact", "guard 0.3", [{**SEARCH, "exact": True}]),
        ("rrf, guard off", "", [{**RRF, "guard": 0}]),
        ("rrf, guard 0.3", "rrf, guard off", [RRF]),
    ),
    "feedback": (
        ("search", "", [SEARCH]),
        ("words", "search", [SEARCH, {"kind": "feedback"}]),
        ("words, weight 0.1", "search", [SEARCH, {"kind": "feedback", "weight": 0.1}]),
        ("vector, shift 0.2", "search", [SEARCH, {"kind": "feedback", "words": 0, "shift": 0.2}]),
        ("keyword alone", "", [KEYWORD]),
        ("keyword, words", "keyword alone", [KEYWORD, {"kind": "feedback", "search": KEYWORD}]),
    ),
    "spelling": (
        ("search", "", [SEARCH]),
        ("spelling", "search", [SPELLING, SEARCH]),
        ("spelling, variants 4", "search", [SPELLING, {**SEARCH, "variants": 4.0}]),
        ("keyword alone", "", [KEYWORD]),
        ("keyword, spelling", "keyword alone", [SPELLING, KEYWORD]),
    ),
    "synonyms": _synonyms(BANKING),
    "synonyms-medicine": _synonyms(MEDICINE),
    "synonyms-reports": _synonyms(REPORTS),
    "synonyms-bilingual": _synonyms(BILINGUAL),
    "folding": (("search", "", [SEARCH]), ("keyword alone", "", [KEYWORD])),
}


def typed(text: str, place: int) -> str:
    """The question with one slip: in a Chinese one by sound, else in a word of five letters or more."""
    draw = random.Random(place)
    if places := [i for i, char in enumerate(text) if homophones(char)]:
        i = draw.choice(places)
        return text[:i] + draw.choice(homophones(text[i])) + text[i + 1 :]
    words = list(re.finditer("[A-Za-z]{5,}", text))
    if not words:
        return text
    match = draw.choice(words)
    i = draw.randrange(match.start() + 1, match.end() - 1)
    swapped = text[:i] + text[i + 1] + text[i] + text[i + 2 :]
    return swapped if draw.random() < 0.5 else text[:i] + text[i + 1 :]


def traditional() -> Change:
    """Converts to traditional characters by words, as a person there would write."""
    import opencc

    converter = opencc.OpenCC("s2t")
    return lambda text, place: converter.convert(text)


def stages(row: Row, parts: Parts) -> list:
    """The stages of a row, built from plain values."""
    registry = Registry()

    def built(settings: PartSettings):
        return registry.part_class("stage", settings.kind)(settings, parts)

    settings = [registry.settings_class("stage", str(raw["kind"])) for raw in row]
    return [built(kind.model_validate(raw)) for kind, raw in zip(settings, row, strict=True)]


def ask(row: Row, parts: Parts, asked: Sequence[EvalCase], change: Change) -> tuple[list, float]:
    """nDCG@10 of each question, and the processor time of one in milliseconds."""
    made, scores, spent = stages(row, parts), [], 0.0
    for place, case in enumerate(asked):
        turn = Turn(Query(change(case.question, place), case.lang))
        began = time.process_time()
        for stage in made:
            turn = stage(turn, Call(limit=CHUNKS))
        spent += time.process_time() - began if place else 0.0  # the first opens the models
        scores.append(ndcg(ranked_documents(turn.hits), case.relevant))
    return scores, 1000 * spent / max(1, len(asked) - 1)


def run(options: argparse.Namespace, name: str, change: Change) -> None:
    """Prints one line a row: mean, difference to the row that it belongs to, n, cost."""
    documents, questions = SETS[name]
    asked = cases(options.data, documents, questions)
    if options.sample and options.sample < len(asked):
        asked = random.Random(0).sample(asked, options.sample)
    overrides = {"corpus.fold_han": options.fold}
    folder = options.folder / (f"{documents}-folded" if options.fold else documents)
    with surefoot.open(folder, overrides=overrides) as space:
        space.add(options.data / documents)
        parts = Parts(space.resources.index, space.resources.encoder, None, None, None)
        known: dict[str, list] = {}
        for label, base, row in TECHNIQUES[options.technique]:
            known[label], cost = ask(row, parts, asked, change)
            print(line(name, label, known[label], known.get(base), cost), flush=True)


def line(name: str, label: str, scores: list, base: list | None, cost: float) -> str:
    """A row of the table; what a technique leaves as it is has no interval."""
    told = ""
    if base == scores:
        told = "none"
    elif base is not None:
        gap = paired_difference("ndcg@10", base, scores)
        told = f"{gap.value:+.3f} ({gap.low:+.3f} to {gap.high:+.3f})"
    mean = mean_score("ndcg@10", scores)
    return f"| {name} | {label} | {mean.value:.3f} | {told} | {mean.n} | {cost:.0f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("technique", choices=TECHNIQUES)
    parser.add_argument("--sets", default="2wiki-a,medfaq-a,banking77", help=", ".join(SETS))
    parser.add_argument("--folder", type=Path, default=Path("build/retrieval"))
    parser.add_argument("--data", type=Path, default=default_data())
    parser.add_argument("--sample", type=int, help="only so many questions of each set")
    parser.add_argument("--change", choices=CHANGES, default="none", help="of every question")
    parser.add_argument("--fold", action="store_true", help="over an index that folds characters")
    options = parser.parse_args()
    print("| set | searched with | nDCG@10 | difference (95% interval) | n | ms |")
    print("|---|---|---|---|---|---|")
    for name in options.sets.split(","):
        run(options, name, CHANGES[options.change]())


CHANGES: Mapping[str, Callable[[], Change]] = {
    "none": lambda: lambda text, place: text,
    "typed": lambda: typed,
    "traditional": traditional,
}

if __name__ == "__main__":
    main()
