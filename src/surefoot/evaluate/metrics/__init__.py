"""What one question scores; averages and intervals are made elsewhere."""

from surefoot.evaluate.metrics.answers import contains_gold, exact_match, plain_answer, token_f1
from surefoot.evaluate.metrics.ranking import (
    all_evidence,
    ndcg,
    ranked_documents,
    recall,
    reciprocal_rank,
)

__all__ = [
    "all_evidence",
    "contains_gold",
    "exact_match",
    "ndcg",
    "plain_answer",
    "ranked_documents",
    "recall",
    "reciprocal_rank",
    "token_f1",
]
