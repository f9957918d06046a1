"""A report page with every part filled, in both languages; texts that would be markup where they are not escaped."""

from __future__ import annotations

from surefoot.core.types import Score
from surefoot.optimize.report.page import Effect, Page, Question, Slice, Solution, Step

EVIL = "<img src=x onerror=alert(1)>"
TITLE = {"en": "Which search answers staff questions?", "zh": "哪种检索能回答员工的问题？"}
VERDICT = {
    "en": "hybrid + sentences is better than the present solution by .041 (.018 to .064) on 240 unseen questions.",
    "zh": "“混合检索＋句子视图”比现用方案好 .041（.018 至 .064），基于 240 个未见过的问题。",
}
ASKED = {"en": f"How long is parental leave? {EVIL}", "zh": f"育儿假有多长？{EVIL}"}


def score(metric: str, value: float, spread: float = 0.02, n: int = 240) -> Score:
    return Score(metric, value, value - spread, value + spread, n)


def page(lang: str) -> Page:
    question = Question(
        "q1", ASKED[lang], lang, 0.0, ("leave.md",), ("travel.md", "it.md"), f"25 {EVIL}", "",
        0.63, "4f2a", (Step("search", 31.2, ("hybrid",)), Step("quote", 120.0)),
    )  # fmt: skip
    solutions = [
        Solution("hybrid + sentences", "chosen", score("ndcg@10", 0.912), 64, 60),
        Solution("hybrid", "present", score("ndcg@10", 0.871), 31, 30),
        Solution("keyword", "baseline", score("ndcg@10", 0.802, 0.03), 4, 4),
        Solution("vector", "frontier", score("ndcg@10", 0.85, 0.025), 22, 21),
        *[
            Solution(f"tried {n}", "other", score("ndcg@10", 0.8 + 0.008 * n, 0.05, 60), 20 + 15 * n, 20)
            for n in range(12)
        ],
    ]  # fmt: skip
    return Page(
        title=TITLE[lang],
        lang=lang,  # type: ignore[arg-type]
        metric="ndcg@10",
        verdict=VERDICT[lang],
        remarks=("p = .0004",),
        figures=(score("ndcg@10", 0.912), score("recall@5", 0.95), score("answered", 0.97)),
        solutions=tuple(solutions),
        effects=(
            Effect("views", "sentences", score("ndcg@10", 0.03, 0.012)),
            Effect("fusion", "rrf", score("ndcg@10", -0.004, 0.02)),
        ),
        slices=(
            Slice("lang", "en", {"chosen": score("ndcg@10", 0.93), "present": score("ndcg@10", 0.9)}),
            Slice("lang", "zh", {"chosen": score("ndcg@10", 0.89), "present": score("ndcg@10", 0.82)}),
        ),
        failing=(question,),
        lost=(question,),
        won=(question,),
        asked=240,
        left_out=("exact_match: no question has a gold answer",),
        facts=(("eval set", "staff v3"), ("seed", "0")),
        commands=("surefoot optimize staff --seed 0",),
        solution_file='name = "winner"\n',
    )  # fmt: skip
