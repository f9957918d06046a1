"""Vector stores of the OpenAI client: what is in them is found by the next call, what is not by none."""

from __future__ import annotations

import pytest
from openai import BadRequestError, NotFoundError, OpenAI
from serving import make_space, running

TEXTS = {
    "en": ("canary.md", "# Canary\n\nThe canary sings at dawn.\n", "When does the canary sing?"),
    "zh": ("金丝雀.md", "# 金丝雀\n\n金丝雀在黎明歌唱。\n", "金丝雀什么时候歌唱？"),
}


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    with running(make_space(tmp_path_factory.mktemp("stores") / "house"), keys=True) as found:
        yield found


@pytest.fixture
def api(served):
    with OpenAI(base_url=f"{served.url}/v1", api_key="none", max_retries=0) as made:
        yield made


def upload(api, name, text):
    return api.files.create(file=(name, text.encode()), purpose="assistants")


def client(served, *scopes, user=""):
    token = served.key(*(scopes or ("search", "write")), user=user)
    return OpenAI(base_url=f"{served.url}/v1", api_key=token, max_retries=0)


@pytest.mark.parametrize("lang", TEXTS)
def test_what_is_put_in_is_found_at_once_and_gone_at_once(api, lang):
    name, text, question = TEXTS[lang]
    file = upload(api, name, text)
    store = api.vector_stores.create(name="birds", metadata={"for": "tests"})
    assert api.vector_stores.search(store.id, query=question).data == []
    added = api.vector_stores.files.create(
        vector_store_id=store.id, file_id=file.id, attributes={"year": 2024, "new": True}
    )
    assert (added.status, added.last_error) == ("completed", None)
    found = api.vector_stores.search(store.id, query=question).data
    assert [one.file_id for one in found] == [file.id]
    assert found[0].filename == name
    assert found[0].content[0].text in text
    assert found[0].attributes == {"year": 2024, "new": True}
    content = api.vector_stores.files.content(file.id, vector_store_id=store.id)
    assert text.splitlines()[-1] in content.data[0].text
    assert api.vector_stores.retrieve(store.id).file_counts.completed == 1
    assert api.vector_stores.files.delete(file.id, vector_store_id=store.id).deleted
    assert api.vector_stores.search(store.id, query=question).data == []
    assert api.files.retrieve(file.id).status == "uploaded"
    assert api.vector_stores.delete(store.id).deleted
    with pytest.raises(NotFoundError):
        api.vector_stores.retrieve(store.id)


def test_attributes_filter(api):
    old = upload(api, "old.md", "The lift was mended last spring.\n")
    new = upload(api, "new.md", "The lift was mended again this autumn.\n")
    store = api.vector_stores.create()
    batch = api.vector_stores.file_batches.create(
        store.id,
        files=[
            {"file_id": old.id, "attributes": {"year": 2020}},
            {"file_id": new.id, "attributes": {"year": 2024}},
        ],
    )
    assert (batch.status, batch.file_counts.completed) == ("completed", 2)
    assert api.vector_stores.file_batches.retrieve(batch.id, vector_store_id=store.id) == batch
    assert (
        len(api.vector_stores.file_batches.list_files(batch.id, vector_store_id=store.id).data) == 2
    )
    assert api.vector_stores.file_batches.cancel(batch.id, vector_store_id=store.id) == batch

    def found(**more):
        return {
            one.file_id
            for one in api.vector_stores.search(store.id, query="When was the lift mended?", **more)
        }

    assert found() == {old.id, new.id}
    recent = {"type": "gte", "key": "year", "value": 2023}
    assert found(filters=recent) == {new.id}
    api.vector_stores.files.update(old.id, vector_store_id=store.id, attributes={"year": 2025})
    assert found(filters=recent) == {old.id, new.id}
    assert len(api.vector_stores.search(store.id, query="lift", max_num_results=1).data) == 1
    assert found(ranking_options={"score_threshold": 1e9}) == set()
    assert api.files.delete(new.id).deleted
    assert found() == {old.id}
    assert [one.id for one in api.vector_stores.files.list(store.id)] == [old.id]


def test_a_store_finds_its_own_files_alone(api):
    one, two = (upload(api, f"{n}.md", f"The gate number {n} is green.\n") for n in (1, 2))
    first = api.vector_stores.create(file_ids=[one.id])
    second = api.vector_stores.create(file_ids=[one.id, two.id])
    ask = "Which colour is the gate?"
    assert {f.file_id for f in api.vector_stores.search(first.id, query=ask)} == {one.id}
    assert {f.file_id for f in api.vector_stores.search(second.id, query=ask)} == {one.id, two.id}
    api.vector_stores.delete(first.id)
    assert {f.file_id for f in api.vector_stores.search(second.id, query=ask)} == {one.id, two.id}


def test_what_cannot_be_read_is_told(api):
    file = upload(api, "broken.pdf", "%PDF-1.7 this is none")
    store = api.vector_stores.create(file_ids=[file.id])
    assert store.file_counts.failed == 1
    told = api.vector_stores.files.retrieve(file.id, vector_store_id=store.id)
    assert told.status == "failed"
    assert told.last_error.message


def test_rights_are_kept(locked):
    anna, ben = client(locked, user="anna"), client(locked, user="ben")
    file = upload(anna, "secret.md", "The safe opens with seven turns.\n")
    store = anna.vector_stores.create(file_ids=[file.id])
    assert anna.vector_stores.search(store.id, query="How does the safe open?").data
    for call in (ben.vector_stores.retrieve, ben.vector_stores.delete):
        with pytest.raises(NotFoundError):
            call(store.id)
    with pytest.raises(NotFoundError):
        ben.vector_stores.search(store.id, query="How does the safe open?")
    own = ben.vector_stores.create()
    with pytest.raises(NotFoundError):
        ben.vector_stores.files.create(vector_store_id=own.id, file_id=file.id)
    assert [one.id for one in ben.vector_stores.list()] == [own.id]


@pytest.mark.parametrize(
    "more",
    [
        {"rewrite_query": True},
        {"ranking_options": {"hybrid_search": {"embedding_weight": 1, "text_weight": 1}}},
        {"filters": {"type": "like", "key": "a", "value": "b"}},
    ],
)
def test_what_is_not_served_is_refused(api, more):
    store = api.vector_stores.create()
    with pytest.raises(BadRequestError):
        api.vector_stores.search(store.id, query="x", extra_body=more)
    static = {
        "type": "static",
        "static": {"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 400},
    }
    with pytest.raises(BadRequestError, match="only auto"):
        api.vector_stores.create(chunking_strategy=static)


def test_days_begin_anew_with_each_use(tmp_path):
    from surefoot.core.types import Asker
    from surefoot.serve.holdings import holdings
    from surefoot.serve.openai.store_shapes import ExpiresAfter, StoreCreate
    from surefoot.serve.openai.stores import Stores
    from surefoot.serve.problems import Refused
    from surefoot.serve.tenants import Tenant
    from surefoot.serve.who import Principal

    tenant, day = Tenant(make_space(tmp_path / "house")), 86_400 * 10**9
    who = Principal(tenant)
    assert who.asker == Asker()
    with holdings(who) as held:
        body = StoreCreate(expires_after=ExpiresAfter(anchor="last_active_at", days=2))
        store = Stores(held, 0).create(body)
        Stores(held, day).usable(store.id)
        assert (
            Stores(held, 2 * day).shown(Stores(held, 2 * day).get(store.id)).status == "completed"
        )
        late = Stores(held, 3 * day)
        assert late.shown(late.get(store.id)).status == "expired"
        with pytest.raises(Refused, match="expired"):
            late.usable(store.id)
    tenant.close()
