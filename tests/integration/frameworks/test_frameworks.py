"""The installed frameworks, unmodified, over a workspace."""

from __future__ import annotations

import pytest

import surefoot
from surefoot.core.errors import ConfigError
from surefoot.core.types import Asker

SOLUTION = """schema = 1
[corpus]
sources = [
    { kind = "folder", path = "docs" },
    { kind = "folder", path = "staff", groups = ["staff"] },
]
embed = { kind = "hash" }
[[stages]]
kind = "search"
[[stages]]
kind = "quote"
refuse = { threshold = 0 }
"""
TEXTS = {
    "docs/refunds.md": "# Refunds\n\nRefunds are paid within 30 days.\n",
    "docs/退款.md": "# 退款\n\n退款在三十天内支付。\n",
    "staff/salaries.md": "# Salaries\n\nSalaries are paid on the 25th day.\n",
}
ASKED = {"en": ("When are refunds paid?", "30 days"), "zh": ("退款多久支付？", "三十天")}


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    root = tmp_path_factory.mktemp("frameworks")
    for name, text in TEXTS.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    (root / "surefoot.toml").write_text(SOLUTION)
    with surefoot.open(root) as opened:
        opened.sync()
        yield opened


@pytest.mark.parametrize("lang", ASKED)
def test_langchain_retrieves_and_answers(space, lang):
    from surefoot.integrations.langchain import SurefootChat, SurefootRetriever

    question, words = ASKED[lang]
    found = SurefootRetriever(space=space, limit=3).invoke(question)
    assert words in found[0].page_content
    assert found[0].metadata["document_id"]
    said = SurefootChat(space=space).invoke(
        [("human", "Hello"), ("ai", "Hello."), ("human", question)]
    )
    assert words in said.content
    assert words in said.response_metadata["citations"][0]["quote"]


@pytest.mark.parametrize("lang", ASKED)
def test_langchain_orders_documents_anew(space, lang):
    from langchain_core.documents import Document

    from surefoot.integrations.langchain import SurefootCompressor

    question, words = ASKED[lang]
    texts = ["Nothing of interest. 无关。", f"Refunds are paid: {words}. 退款 支付 {words}"]
    given = [Document(page_content=text, metadata={"at": i}) for i, text in enumerate(texts)]
    kept = SurefootCompressor(space=space, keep=1).compress_documents(given, question)
    assert [one.metadata["at"] for one in kept] == [1]
    assert kept[0].metadata["relevance_score"] > 0


def test_rights_hold_in_frameworks(space):
    from surefoot.integrations.langchain import SurefootRetriever
    from surefoot.integrations.llamaindex import SurefootRetriever as IndexRetriever

    bob = Asker("bob", (), trusted=False)
    for found in (
        [one.page_content for one in SurefootRetriever(space=space, asker=bob).invoke("salaries")],
        [one.text for one in IndexRetriever(space, asker=bob).retrieve("salaries")],
    ):
        assert found
        assert not any("25th" in text for text in found)


@pytest.mark.parametrize("lang", ASKED)
def test_llamaindex_retrieves(space, lang):
    from surefoot.integrations.llamaindex import SurefootRetriever

    question, words = ASKED[lang]
    assert words in SurefootRetriever(space, limit=2).retrieve(question)[0].text


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("The canary sings at dawn.", "When does the canary sing?"),
        ("金丝雀在黎明歌唱。", "金丝雀何时歌唱？"),
    ],
)
def test_llamaindex_keeps_searches_and_deletes_nodes(tmp_path, text, question):
    from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode
    from llama_index.core.vector_stores.types import (
        ExactMatchFilter,
        MetadataFilters,
        VectorStoreQuery,
        VectorStoreQueryMode,
    )

    from surefoot.integrations.llamaindex import SurefootVectorStore

    (tmp_path / "docs").mkdir()
    (tmp_path / "staff").mkdir()
    (tmp_path / "surefoot.toml").write_text(SOLUTION)
    with surefoot.open(tmp_path) as own:
        store = SurefootVectorStore(own)
        node = TextNode(id_="n1", text=text, metadata={"team": "birds"})
        node.relationships[NodeRelationship.SOURCE] = RelatedNodeInfo(node_id="book")
        assert store.add([node]) == ["n1"]
        wanted = MetadataFilters(filters=[ExactMatchFilter(key="team", value="birds")])
        found = store.query(
            VectorStoreQuery(query_str=question, similarity_top_k=2, filters=wanted)
        )
        assert found.nodes[0].text.strip() == text
        other = MetadataFilters(filters=[ExactMatchFilter(key="team", value="cats")])
        assert not store.query(VectorStoreQuery(query_str=question, filters=other)).nodes
        vector = own.resources.encoder().embed_queries([question])[0].tolist()
        assert store.query(VectorStoreQuery(query_embedding=vector)).nodes
        with pytest.raises(ConfigError, match="mmr"):
            store.query(VectorStoreQuery(query_str="x", mode=VectorStoreQueryMode.MMR))
        store.delete("book")
        assert not store.query(VectorStoreQuery(query_str=question)).nodes
