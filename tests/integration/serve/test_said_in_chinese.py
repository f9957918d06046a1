"""What the stages say beside the answer to a question is Chinese in Chinese pages, English in English ones."""

import re

import httpx
import pytest
from serving import SOLUTION, make_space, running

QUESTION = "退款在收到退货后多久支付？ Refunds paid"
SPEAKING = SOLUTION.replace(
    '[[stages]]\nkind = "quote"',
    '[[stages]]\nkind = "budget"\ntokens = 16\n[[stages]]\nkind = "quote"',
)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return make_space(tmp_path_factory.mktemp("said") / "house", SPEAKING)


@pytest.mark.parametrize(("lang", "spoken"), [("zh", "词元"), ("en", "tokens")])
def test_notes_are_in_the_language_of_the_page(root, lang, spoken):
    with running(root) as served, httpx.Client(base_url=served.url, timeout=60) as client:
        client.headers["accept-language"] = lang
        reply = client.post("/api/ask", json={"question": QUESTION}).json()
        assert any("tokens" in note for note in reply["notes"]), "the API stays English"
        page = client.get(f"/ui/traces/{reply['trace_id']}")
        assert page.status_code == 200
        notes = re.findall(r'<p class="soft">([^<]*)</p>', page.text)
        assert any(spoken in note for note in notes)
        assert any(" tokens" in note for note in notes) == (lang == "en")
