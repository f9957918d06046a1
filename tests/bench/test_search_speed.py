"""What a hybrid search over 100,000 chunks costs, beside numpy's exact product over the same vectors.

Prints the processor time of the whole process, thread pools included, over 200 questions; gates on
the ratio and on recall, never on the clock.
"""

from __future__ import annotations

import time

import numpy as np
import pytest

from surefoot.core.roles import DocumentState, IndexedDocument, Passage
from surefoot.core.types import Chunk, Document
from surefoot.store import writer
from surefoot.store.lance import Recipe
from surefoot.store.opening import open_index

CHUNKS, A_DOCUMENT, DIMENSIONS, QUESTIONS, LIMIT = 100_000, 20, 384, 200, 30
HAN = [chr(code) for code in range(0x4E00, 0x4E00 + 2500)]


def _unit(matrix):
    return (matrix / np.linalg.norm(matrix, axis=1, keepdims=True)).astype(np.float32)


def _words(rng):
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    english = ["".join(rng.choice(letters, size)) for size in rng.integers(3, 10, 20_000)]
    chinese = ["".join(rng.choice(HAN, 2)) for _ in range(20_000)]
    return english, chinese


def _texts(rng, count):
    # Word frequencies fall off as in running text without its stop words.
    shares = 1 / (np.arange(20_000) + 60.0)
    shares /= shares.sum()
    english, chinese = _words(rng)
    picked = rng.choice(20_000, (count, 60), p=shares)
    return [
        "".join(chinese[i] for i in row) if n % 3 == 0 else " ".join(english[i] for i in row)
        for n, row in enumerate(picked)
    ]


def _fill(index, texts, vectors):
    for at in range(0, CHUNKS, 10_000):
        batch = []
        for start in range(at, at + 10_000, A_DOCUMENT):
            name = f"document {start}"
            document = Document(name, name, name, "\n".join(texts[start : start + A_DOCUMENT]))
            passages = tuple(
                Passage(
                    Chunk(f"{name}/{i}", name, texts[start + i], 0, len(texts[start + i]), i),
                    texts[start + i],
                    vectors[start + i],
                )
                for i in range(A_DOCUMENT)
            )
            state = DocumentState(name, name, name, "ok", chunks=A_DOCUMENT)
            batch.append(IndexedDocument(document, state, passages))
        index.replace(batch)
    return index.maintain()


def _both(index, vector):
    """What the default solution asks by vector: passages, and a view that no passage has here."""
    return index.vector(vector, limit=LIMIT), index.vector(vector, limit=LIMIT, view="questions")


def _cpu_ms(action, count=QUESTIONS):
    for i in range(5):
        action(i)
    start = time.process_time()
    for i in range(count):
        action(i)
    return (time.process_time() - start) / count * 1000


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_hybrid_search_over_100k_chunks(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(writer, "tend", lambda passages: None)  # one index build at the end
    rng = np.random.default_rng(7)
    centres = rng.normal(size=(300, DIMENSIONS))
    noise = 0.7 * rng.normal(size=(CHUNKS, DIMENSIONS))
    vectors = _unit(centres[rng.integers(0, 300, CHUNKS)] + noise)
    texts = _texts(rng, CHUNKS)
    index = open_index(str(tmp_path), Recipe("bench", DIMENSIONS, views=True))
    done = _fill(index, texts, vectors)
    places = rng.integers(0, CHUNKS, QUESTIONS)
    asked = _unit(vectors[places] + 0.03 * rng.normal(size=(QUESTIONS, DIMENSIONS)))
    questions = [texts[p][8:24] if p % 3 == 0 else " ".join(texts[p].split()[4:12]) for p in places]
    exact = _cpu_ms(lambda i: vectors @ asked[i])
    vector = _cpu_ms(lambda i: _both(index, asked[i]))
    keyword = _cpu_ms(lambda i: index.keyword(questions[i], limit=LIMIT))
    recalls = []
    for i in range(50):
        best = np.argsort(-(vectors @ asked[i]))[:10]
        found = {hit.chunk.id for hit in index.vector(asked[i], limit=LIMIT)[:10]}
        names = {f"document {n - n % A_DOCUMENT}/{n % A_DOCUMENT}" for n in best.tolist()}
        recalls.append(len(names & found) / 10)
    with capsys.disabled():
        print(f"\n{done}")
        print(
            f"processor ms a question: vector {vector:.1f}, keyword {keyword:.1f}, together "
            f"{vector + keyword:.1f}; numpy exact {exact:.1f}; recall@10 {np.mean(recalls):.3f}"
        )
    assert np.mean(recalls) > 0.99
    assert vector + keyword < 3 * exact
