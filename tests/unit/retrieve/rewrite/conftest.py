"""What the tests of these stages share: four documents, and parts with a chat model that says what it is told to."""

import pytest

from surefoot.config.prompts import Prompts
from surefoot.config.registry import Registry
from surefoot.core.roles import DocumentState, IndexedDocument, Parts, Passage
from surefoot.core.types import Chunk, Document
from surefoot.models.base import ModelEnv
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.retrieve.search import Search, SearchSettings
from surefoot.testing.fakes import FakeChat
from surefoot.testing.memory_index import FakeIndex

TEXTS = {
    "en": [
        "A ticket for the ferry to Wen island costs 12 crowns.",
        "The library of Alder opens at nine.",
    ],
    "zh": ["前往文岛的渡轮船票价格是十二元。", "桦林镇图书馆上午九点开门。"],
}


@pytest.fixture(params=["en", "zh"])
def lang(request):
    return request.param


@pytest.fixture
def encoder(tmp_path):
    return HashEncoder(HashSettings(), ModelEnv(tmp_path))


@pytest.fixture
def index(encoder):
    """Two documents in each language."""
    made = FakeIndex()
    every = [(lang, text) for lang, texts in TEXTS.items() for text in texts]
    for number, (lang, text) in enumerate(every):
        name = f"{lang}-{number}"
        chunk = Chunk(name, name, text, 0, len(text), lang=lang)
        document = Document(id=name, uri=name, digest=name, text=text, lang=lang)
        (vector,) = encoder.embed_passages([text])
        state = DocumentState(name, name, name, "ok")
        made.replace([IndexedDocument(document, state, (Passage(chunk, text, vector),))])
    return made


@pytest.fixture
def parts(index, encoder):
    """Parts whose chat model gives these replies."""

    def make(*replies):
        chat = replies[0] if isinstance(replies[0], FakeChat) else FakeChat(replies)

        def built(settings):
            if isinstance(settings, SearchSettings):
                return Search(settings, given)
            return Registry().part_class("stage", settings.kind)(settings, given)

        given = Parts(lambda: index, lambda: encoder, lambda name: chat, Prompts().get, built)
        return given

    return make
