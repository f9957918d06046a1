"""Metrics and the log of requests: numbers, no content."""

from __future__ import annotations

import json

import httpx
from serving import make_space, running


def test_requests_tokens_and_refusals_are_counted_without_content(tmp_path):
    with running(make_space(tmp_path / "house"), keys=True) as served:
        headers = {"Authorization": f"Bearer {served.key('ask', 'search', user='anna')}"}
        for question in ("When are refunds paid?", "退款什么时候支付？"):
            body = {"question": question}
            httpx.post(f"{served.url}/api/ask", json=body, headers=headers, timeout=30)
        httpx.get(f"{served.url}/documents/docs%2Frefunds.md", headers=headers)
        httpx.get(f"{served.url}/secret-path", headers=headers)
        assert httpx.get(f"{served.url}/metrics", headers=headers).status_code == 403
        admin = {"Authorization": f"Bearer {served.key('admin')}"}
        told = httpx.get(f"{served.url}/metrics", headers=admin).text
    assert 'surefoot_requests_total{method="POST",route="/api/ask",status="200"} 2.0' in told
    assert 'route="/documents/{document_id:path}",status="200"} 1.0' in told
    assert 'method="GET",route="other",status="404"} 1.0' in told
    assert 'surefoot_answers_total{kind="answer"} 2.0' in told
    assert "surefoot_request_seconds_bucket" in told
    for content in ("refunds", "退款", "anna", "secret-path", "sf_"):
        assert content not in told


def test_each_request_is_a_line_of_json_without_content(tmp_path):
    lines: list[str] = []
    with running(make_space(tmp_path / "house"), log=lines.append) as served:
        body = {"question": "When are refunds paid?"}
        httpx.post(f"{served.url}/api/ask", json=body, timeout=30)
    told = [json.loads(line) for line in lines if "ask" in line]
    assert [(one["method"], one["route"], one["status"]) for one in told] == [
        ("POST", "/api/ask", 200)
    ]
    assert "refunds" not in "".join(lines)


def test_tokens_of_embeddings_and_scores_are_counted(tmp_path):
    asked = {"query": "refunds", "documents": ["Refunds are paid.", "退款已支付。"]}
    calls = (
        ("/v1/embeddings", {"input": ["Refunds", "退款"]}),
        ("/rerank", asked),
        ("/score", {"queries": "refunds", "documents": asked["documents"]}),
    )
    with (
        running(make_space(tmp_path / "house")) as served,
        httpx.Client(base_url=served.url) as http,
    ):
        total = 0
        for path, body in calls:
            total += http.post(path, json=body, timeout=30).json()["usage"]["total_tokens"]
            told = http.get("/metrics").text
            assert f'surefoot_tokens_total{{kind="encoder"}} {float(total)}' in told
    assert total
