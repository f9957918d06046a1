"""The MCP client, unmodified, over HTTP and over stdio."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import httpx
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from serving import make_space, running

ASKED = {"en": ("When are refunds paid?", "30 days"), "zh": ("退款多久支付？", "三十天")}


def talk(where, work):
    """What `work` gives with a client that is connected to `where`."""

    async def run():
        async with Client(where) as client:
            return await work(client)

    return asyncio.run(run())


@pytest.mark.parametrize("lang", ASKED)
def test_search_and_fetch_over_http(served, lang):
    question, words = ASKED[lang]

    async def work(client):
        found = await client.call_tool("search", {"query": question})
        first = found.structured_content["results"][0]
        return first, await client.call_tool("fetch", {"id": first["id"]})

    first, fetched = talk(f"{served.url}/mcp", work)
    assert set(first) == {"id", "title", "url", "text"}
    assert words in fetched.structured_content["text"]


@pytest.mark.parametrize("lang", ASKED)
def test_ask_and_explain_over_http(served, lang):
    question, words = ASKED[lang]

    async def work(client):
        return (
            await client.call_tool("ask", {"question": question}),
            await client.call_tool("explain", {"question": question}),
        )

    said, explained = (one.structured_content for one in talk(f"{served.url}/mcp", work))
    assert words in said["answer"]
    assert words in said["sources"][0]["quote"]
    assert [stage["stage"] for stage in explained["stages"]] == ["search", "quote"]


def test_documents_are_listed_and_read_as_resources(served):
    async def work(client):
        first = await client.call_tool("list_documents", {"limit": 3})
        after = first.structured_content["next"]
        rest = await client.call_tool("list_documents", {"after": after})
        text = await client.read_resource("doc://docs%2Fopening.md")
        tools = await client.list_tools()
        return first, rest, text, tools

    first, rest, text, tools = talk(f"{served.url}/mcp", work)
    ids = [one["id"] for page in (first, rest) for one in page.structured_content["documents"]]
    assert ids == ["docs/opening.md", "docs/refunds.md", "docs/退款.md", "staff/salaries.md"]
    assert rest.structured_content["next"] == ""
    assert "nine o'clock" in text.contents[0].text
    assert all(tool.annotations.read_only_hint for tool in tools.tools)


def test_a_missing_document_is_an_error_of_the_tool(served):
    async def work(client):
        return await client.call_tool("fetch", {"id": "nothing"})

    told = talk(f"{served.url}/mcp", work)
    assert told.is_error
    assert "no document" in told.content[0].text


def test_the_key_decides_what_is_found(tmp_path):
    with running(make_space(tmp_path / "house"), keys=True) as locked:
        refused = httpx.post(f"{locked.url}/mcp", json={}, follow_redirects=True)
        assert refused.status_code == 401
        import httpx2
        from mcp.client.streamable_http import streamable_http_client

        for groups, expected in ((("staff",), 4), ((), 3)):
            headers = {"Authorization": f"Bearer {locked.key(user='a', groups=groups)}"}

            async def run(headers=headers):
                async with httpx2.AsyncClient(headers=headers) as http:
                    transport = streamable_http_client(f"{locked.url}/mcp", http_client=http)
                    async with Client(transport) as client:
                        return await client.call_tool("list_documents", {})

            listed = asyncio.run(run()).structured_content["documents"]
            assert len(listed) == expected


def test_over_stdio(tmp_path):
    root = make_space(tmp_path / "house")
    program = str(Path(sys.executable).with_name("surefoot"))
    server = StdioServerParameters(command=program, args=["mcp", "--workspace", str(root)])

    async def work(client):
        return await client.call_tool("ask", {"question": ASKED["en"][0]})

    said = talk(stdio_client(server), work)
    assert "30 days" in said.structured_content["answer"]
