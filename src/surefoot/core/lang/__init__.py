"""Text analysis that siblings share, in English and Chinese. Knows characters only: no models, no stores."""

from surefoot.core.lang.dates import Date, dates
from surefoot.core.lang.detect import detect, is_han, mostly_han
from surefoot.core.lang.normalise import answer_tokens, fold, normalise_answer
from surefoot.core.lang.sentences import sentence_spans
from surefoot.core.lang.terms import content_terms, count_terms, terms

__all__ = [
    "Date",
    "answer_tokens",
    "content_terms",
    "count_terms",
    "dates",
    "detect",
    "fold",
    "is_han",
    "mostly_han",
    "normalise_answer",
    "sentence_spans",
    "terms",
]
