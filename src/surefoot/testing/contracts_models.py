"""What every encoder and reranker must keep: inherit the class, give the fixture, and pytest runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from surefoot.core.types import Chunk, Hit, Query

if TYPE_CHECKING:
    from surefoot.core.roles import Encoder, HitScorer, Parts, Reranker

EN = "To reset the password, open the settings and choose a new one."
ZH = "要重置密码，请打开设置并选择一个新密码。"
OTHER = "Bananas ripen faster in a paper bag. 香蕉在纸袋里熟得更快。"


class EncoderContract:
    """Give a fixture `encoder` that returns an open encoder."""

    def test_vectors_are_unit_rows_of_the_stated_length(self, encoder: Encoder) -> None:
        """One float32 row a text, of length 1, for texts of any sort."""
        texts = [EN, ZH, OTHER, "", " ", "\u0000\u200b", "🙂", "字" * 3000, "word " * 2000]
        for vectors in (encoder.embed_passages(texts), encoder.embed_queries(texts)):
            assert vectors.shape == (len(texts), encoder.dimensions)
            assert vectors.dtype == np.float32
            np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=2e-3)

    def test_no_texts_give_no_rows(self, encoder: Encoder) -> None:
        """An empty list is a table without rows."""
        assert encoder.embed_passages([]).shape == (0, encoder.dimensions)
        assert encoder.count_tokens([]) == []

    def test_a_text_has_one_vector_whatever_its_company(self, encoder: Encoder) -> None:
        """Batches and their order change nothing that matters."""
        alone = np.vstack([encoder.embed_passages([text]) for text in (EN, ZH, OTHER)])
        together = encoder.embed_passages([OTHER, ZH, EN, ZH * 20])[[2, 1, 0]]
        assert np.all(np.sum(alone * together, axis=1) > 0.999)

    def test_the_same_text_again_is_the_same_vector(self, encoder: Encoder) -> None:
        """Nothing is random."""
        np.testing.assert_array_equal(encoder.embed_queries([EN]), encoder.embed_queries([EN]))

    def test_a_question_is_nearer_to_its_answer_in_both_languages(self, encoder: Encoder) -> None:
        """English and Chinese."""
        passages = encoder.embed_passages([EN, ZH, OTHER])
        english, chinese = encoder.embed_queries(["How do I reset the password?", "如何重置密码？"])
        assert passages[0] @ english > passages[2] @ english
        assert passages[1] @ chinese > passages[2] @ chinese

    def test_tokens_are_counted_uncut(self, encoder: Encoder) -> None:
        """Longer texts have more tokens, beyond what the encoder reads too."""
        short, double, long = encoder.count_tokens([EN, f"{EN} {EN}", f"{EN} " * 2000])
        assert 0 < short < double < long
        assert long > encoder.max_tokens

    def test_its_digest_is_stable_text(self, encoder: Encoder) -> None:
        """An index records it."""
        assert encoder.digest
        assert encoder.digest == encoder.digest.strip()


class RerankerContract:
    """Give a fixture `reranker` that returns an open reranker."""

    def test_one_finite_score_a_text_in_order(self, reranker: Reranker) -> None:
        """The text that answers gets the highest, in English and Chinese."""
        for question, best in (("How do I reset the password?", EN), ("如何重置密码？", ZH)):
            scores = reranker.score(question, [OTHER, best])
            assert len(scores) == 2
            assert np.all(np.isfinite(scores))
            assert scores[1] > scores[0]

    def test_the_order_of_the_texts_does_not_matter(self, reranker: Reranker) -> None:
        """A text keeps its score."""
        first = reranker.score("reset the password", [EN, OTHER])
        second = reranker.score("reset the password", [OTHER, EN])
        np.testing.assert_allclose(first, second[::-1], rtol=1e-3)

    def test_no_texts_give_no_scores(self, reranker: Reranker) -> None:
        """An empty list is answered without asking."""
        assert reranker.score("anything", []) == []


class HitScorerContract:
    """Give the fixtures `scorer`, an open one, and `parts` with what it asks of a solution."""

    def test_one_finite_score_a_hit_in_order(self, scorer: HitScorer, parts: Parts) -> None:
        """The text that answers gets the highest, in English and Chinese; all signals are plain finite numbers."""
        for question, best in (("How do I reset the password?", EN), ("如何重置密码？", ZH)):
            found = scorer.score_hits(Query(question), _hits(OTHER, best), parts)
            assert len(found) == 2
            assert found[1]["rerank"] > found[0]["rerank"]
            for said in found:
                assert all(type(value) is float and np.isfinite(value) for value in said.values())

    def test_the_order_of_the_hits_does_not_matter(self, scorer: HitScorer, parts: Parts) -> None:
        """A hit keeps its score."""
        first, second = _hits(EN, OTHER)
        query = Query("reset the password")
        one = scorer.score_hits(query, [first, second], parts)
        other = scorer.score_hits(query, [second, first], parts)
        np.testing.assert_allclose(
            [said["rerank"] for said in one], [said["rerank"] for said in other[::-1]], rtol=1e-3
        )

    def test_odd_questions_and_texts_have_scores(self, scorer: HitScorer, parts: Parts) -> None:
        """Nothing but punctuation, nothing at all, very long."""
        for question in ("?", "", "的", "word " * 600):
            found = scorer.score_hits(Query(question), _hits("", "。", "字" * 3000), parts)
            assert all(np.isfinite(said["rerank"]) for said in found)

    def test_no_hits_give_no_scores(self, scorer: HitScorer, parts: Parts) -> None:
        """An empty list is answered."""
        assert scorer.score_hits(Query("anything"), [], parts) == []

    def test_its_share_is_a_share(self, scorer: HitScorer) -> None:
        """More than 0, at most 1."""
        assert 0 < scorer.share <= 1


def _hits(*texts: str) -> list[Hit]:
    return [
        Hit(Chunk(f"c{i}", "d", text, 0, len(text), index=i), 1.0, "search")
        for i, text in enumerate(texts)
    ]
