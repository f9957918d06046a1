"""What an engine elsewhere told is linked to its own page, and to nothing where it has none; never to the viewer."""

from __future__ import annotations

import httpx
import lxml.html
import pytest
from outside import ASKED, ROWS, make_joined
from serving import running

WEB = {name: url if url.startswith("https:") else "" for name, (_, url) in ROWS.items()}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with running(make_joined(tmp_path_factory.mktemp("joined") / "house")) as found:
        yield found


def own(house, question):
    reply = httpx.post(f"{house.url}/api/ask", json={"question": question}, timeout=60)
    assert reply.status_code == 200, reply.text
    return [(one["document_id"], one["url"]) for one in reply.json()["citations"]]


def annotated(house, question):
    body = {"model": "house", "messages": [{"role": "user", "content": question}]}
    reply = httpx.post(f"{house.url}/v1/chat/completions", json=body, timeout=60)
    assert reply.status_code == 200, reply.text
    found = [one["url_citation"] for one in reply.json()["choices"][0]["message"]["annotations"]]
    return [(one["document_id"], one["url"]) for one in found]


@pytest.mark.parametrize("told", [own, annotated])
@pytest.mark.parametrize("name", ASKED)
def test_a_citation_leads_to_the_page_it_came_from(house, told, name):
    found = dict(told(house, ASKED[name]))
    assert found[f"fares:{name}"] == WEB[name]


@pytest.mark.parametrize("told", [own, annotated])
def test_own_documents_are_shown_by_the_viewer(house, told):
    url = dict(told(house, "When are refunds paid?"))["docs/refunds.md"]
    assert url.startswith(f"{house.url}/documents/docs%2Frefunds.md?start=")
    assert httpx.get(url).status_code == 200


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize(("lang", "badge"), [("en", "found elsewhere"), ("zh", "来自外部")])
def test_a_trace_links_no_hit_of_an_engine_to_the_viewer(house, name, lang, badge):
    own(house, ASKED[name])
    newest = httpx.get(f"{house.url}/api/traces?limit=1").json()["data"][0]
    page = httpx.get(
        f"{house.url}/ui/traces/{newest['trace_id']}", headers={"accept-language": lang}
    )
    assert page.status_code == 200
    html = lxml.html.document_fromstring(page.content)
    links = [link for link in html.iter("a") if "fares:" in link.text_content()]
    linked = {link.get("href") for link in links}
    assert linked <= set(filter(None, WEB.values()))
    assert WEB[name] in {*linked, ""}
    assert all(link.get("rel") == "external noopener noreferrer" for link in links)
    assert badge in html.text_content()
    viewed = [link.get("href") for link in html.xpath("//a[starts-with(@href, '/documents/')]")]
    assert viewed
    assert all(httpx.get(f"{house.url}{url}").status_code == 200 for url in viewed)
