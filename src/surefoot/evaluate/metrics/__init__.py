"""What one question scores; averages and intervals are made elsewhere."""

from surefoot.evaluate.metrics.answers import (
    answer_lang,
    contains_gold,
    exact_match,
    gold_coverage,
    plain_answer,
    token_f1,
)
from surefoot.evaluate.metrics.numeric import asks_number, numeric_match
from surefoot.evaluate.metrics.ranking import (
    all_evidence,
    ndcg,
    precision,
    ranked_documents,
    recall,
    reciprocal_rank,
)
from surefoot.evaluate.metrics.sequences import chrf, rouge_l

__all__ = [
    "all_evidence",
    "answer_lang",
    "asks_number",
    "chrf",
    "contains_gold",
    "exact_match",
    "gold_coverage",
    "ndcg",
    "numeric_match",
    "plain_answer",
    "precision",
    "ranked_documents",
    "recall",
    "reciprocal_rank",
    "rouge_l",
    "token_f1",
]
