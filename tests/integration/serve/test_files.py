"""Files of the OpenAI client: kept with their owner's rights."""

from __future__ import annotations

import pytest
from openai import NotFoundError, OpenAI, PermissionDeniedError
from serving import make_space, running


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    with running(make_space(tmp_path_factory.mktemp("files") / "house"), keys=True) as found:
        yield found


def client(served, *scopes, user="", groups=()):
    token = served.key(*(scopes or ("search", "write")), user=user, groups=groups)
    return OpenAI(base_url=f"{served.url}/v1", api_key=token, max_retries=0)


@pytest.mark.parametrize("text", ["The canteen opens at noon.", "食堂中午开门。"])
def test_a_file_is_kept_and_deleted(served, text):
    with OpenAI(base_url=f"{served.url}/v1", api_key="none", max_retries=0) as api:
        made = api.files.create(file=("../a/食堂.txt", text.encode()), purpose="assistants")
        assert (made.filename, made.bytes, made.status) == (
            "食堂.txt",
            len(text.encode()),
            "uploaded",
        )
        assert api.files.retrieve(made.id) == made
        assert api.files.content(made.id).text == text
        assert made.id in [one.id for one in api.files.list(purpose="assistants")]
        assert api.files.delete(made.id).deleted
        with pytest.raises(NotFoundError, match="no file"):
            api.files.retrieve(made.id)


def test_files_are_listed_in_pages(served):
    with OpenAI(base_url=f"{served.url}/v1", api_key="none", max_retries=0) as api:
        made = [api.files.create(file=(f"{n}.txt", b"x"), purpose="batch").id for n in range(3)]
        assert [one.id for one in api.files.list(purpose="batch", limit=2)] == made[::-1]
        first = api.files.list(purpose="batch", limit=2, order="asc")
        assert [one.id for one in first.data] == made[:2]
        assert first.has_more


def test_nobody_sees_or_deletes_anothers(locked):
    anna, ben = client(locked, user="anna"), client(locked, user="ben")
    mine = anna.files.create(file=("a.txt", b"mine"), purpose="user_data")
    with pytest.raises(NotFoundError):
        ben.files.retrieve(mine.id)
    with pytest.raises(NotFoundError):
        ben.files.content(mine.id)
    with pytest.raises(NotFoundError):
        ben.files.delete(mine.id)
    assert ben.files.list().data == []
    assert [one.id for one in client(locked, user="anna").files.list()] == [mine.id]
    assert client(locked, "admin").files.retrieve(mine.id).id == mine.id


def test_what_all_may_read_only_its_owner_deletes(locked):
    shared = client(locked).files.create(file=("b.txt", b"ours"), purpose="assistants")
    other = client(locked)
    assert other.files.content(shared.id).text == "ours"
    with pytest.raises(PermissionDeniedError, match="another's"):
        other.files.delete(shared.id)


def test_it_takes_the_scope_to_write(locked):
    reader = client(locked, "ask", "search")
    with pytest.raises(PermissionDeniedError, match="not for write"):
        reader.files.create(file=("c.txt", b"c"), purpose="assistants")
