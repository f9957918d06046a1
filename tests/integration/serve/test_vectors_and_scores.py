"""Embeddings through the OpenAI client, reranking through Cohere's, and the other dialects by hand."""

from __future__ import annotations

import cohere
import httpx
import numpy as np
import pytest
from openai import BadRequestError, OpenAI

TEXTS = {
    "en": ["The shop opens at nine.", "Refunds are paid within 30 days.", "Bring a towel."],
    "zh": ["商店九点开门。", "退款在三十天内支付。", "请带毛巾。"],
}
ASKED = {"en": "refunds paid within days", "zh": "退款支付"}


@pytest.fixture
def client(served):
    with OpenAI(base_url=f"{served.url}/v1", api_key="none", max_retries=0) as made:
        yield made


@pytest.mark.parametrize("lang", TEXTS)
@pytest.mark.parametrize("form", ["float", "base64"])
def test_embeddings_are_those_of_the_encoder(client, served, lang, form):
    reply = client.embeddings.create(model="house", input=TEXTS[lang], encoding_format=form)
    assert reply.usage.total_tokens > 0
    vectors = [one.embedding for one in reply.data]
    if form == "base64":
        import base64

        vectors = [np.frombuffer(base64.b64decode(v), "<f4") for v in vectors]
    with served.tenant.using() as space:
        own = space.resources.encoder().embed_passages(TEXTS[lang])
    np.testing.assert_allclose(np.array(vectors), own, atol=1e-6)


def test_the_client_reads_its_own_default_form(client):
    one = client.embeddings.create(model="house", input="refunds").data[0].embedding
    assert np.linalg.norm(one) == pytest.approx(1, abs=1e-4)
    with pytest.raises(BadRequestError, match="dimensions"):
        client.embeddings.create(model="house", input="refunds", dimensions=7)
    with pytest.raises(BadRequestError, match="tokens"):
        client.embeddings.create(model="house", input=[1, 2, 3])


@pytest.mark.parametrize("lang", TEXTS)
def test_cohere_clients_rerank(served, lang):
    for kind in (cohere.Client, cohere.ClientV2):
        with httpx.Client() as http:
            client = kind(api_key="none", base_url=served.url, httpx_client=http)
            found = client.rerank(
                model="house", query=ASKED[lang], documents=TEXTS[lang], top_n=2
            ).results
        assert found[0].index == 1
        assert len(found) == 2
        assert found[0].relevance_score >= found[1].relevance_score


@pytest.mark.parametrize("lang", TEXTS)
def test_tei_and_vllm_dialects(served, lang):
    body = {"query": ASKED[lang], "texts": TEXTS[lang], "return_text": True}
    tei = httpx.post(f"{served.url}/rerank", json=body).json()
    assert tei[0]["index"] == 1
    assert tei[0]["text"] == TEXTS[lang][1]
    body = {"queries": ASKED[lang], "documents": TEXTS[lang]}
    scores = httpx.post(f"{served.url}/score", json=body).json()["data"]
    assert max(scores, key=lambda one: one["score"])["index"] == 1
    pairs = {"text_1": [ASKED[lang]] * 3, "text_2": TEXTS[lang]}
    assert httpx.post(f"{served.url}/score", json=pairs).json()["data"] == scores


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/rerank", {"query": "x"}),
        ("/rerank", {"query": "x", "texts": ["a"], "documents": ["b"]}),
        ("/score", {"queries": ["a", "b"], "documents": ["c"]}),
        ("/score", {}),
    ],
)
def test_what_cannot_be_scored_is_said(served, path, body):
    reply = httpx.post(f"{served.url}{path}", json=body)
    assert reply.status_code == 422
    assert reply.json()["error"]["type"] == "invalid_request_error"
