"""The quick tokenizer and the full one give the same ids."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors

from surefoot.models import tokens
from surefoot.models.tokens import QuickUnigram, Tokens

WORDS = ["▁password", "▁pass", "word", "▁reset", "▁", "密码", "重置", "密", "码", "重", "▁请", "。"]
LETTERS = list("abcdefghijklmnopqrstuvwxyz")


def make(folder):
    pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    pieces += [(word, -float(i + 2)) for i, word in enumerate(WORDS + LETTERS)]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Strip()])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_special_tokens([AddedToken("<s>", special=True, normalized=False)])
    tokenizer.save(str(folder / "tokenizer.json"))
    return tokenizer


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tokens")
    full = make(folder)
    QuickUnigram.write(folder / "tokenizer.json", folder)
    return full, QuickUnigram.open(folder / "tokenizer.json", folder)


@given(st.text(max_size=40) | st.text(alphabet="pasword rest密码重置请。 ▁ｗ", max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_text_gives_the_same_ids(both, text):
    full, quick = both
    if not quick.shy(text):
        assert quick.encode(text) == full.encode(text).ids


@pytest.mark.parametrize("text", ["reset password", "请重置密码。", "", " ", "日本 Ω"])
def test_quick_then_full(tmp_path, text):
    expected = make(tmp_path).encode(text).ids
    first = Tokens(tmp_path, tmp_path / "ready")
    assert first.encode([text]) == [expected]
    assert (tmp_path / "ready" / "pieces.npy").is_file()
    assert Tokens(tmp_path, tmp_path / "ready").encode([text, text]) == [expected] * 2


def test_a_changed_tokenizer_is_not_answered_from_the_old_table(tmp_path):
    make(tmp_path)
    Tokens(tmp_path, tmp_path).encode(["reset"])
    said = json.loads((tmp_path / "tokenizer.json").read_text())
    said["model"]["vocab"].append(["▁reset▁", -50.0])
    (tmp_path / "tokenizer.json").write_text(json.dumps(said))
    assert QuickUnigram.open(tmp_path / "tokenizer.json", tmp_path) is None


def test_special_tokens_in_a_text_go_to_the_full_tokenizer(tmp_path):
    full = make(tmp_path)
    Tokens(tmp_path, tmp_path).encode(["reset"])
    text = "reset <s> password"
    assert Tokens(tmp_path, tmp_path).encode([text]) == [full.encode(text).ids]


def test_much_text_goes_to_the_full_tokenizer(tmp_path, monkeypatch):
    monkeypatch.setattr(tokens, "QUICK_CHARACTERS", 10)
    full = make(tmp_path)
    Tokens(tmp_path, tmp_path).encode(["reset"])
    again = Tokens(tmp_path, tmp_path)
    for text in ("reset", "password", "密码"):
        assert again.encode([text]) == [full.encode(text).ids]


def test_a_folder_that_cannot_be_written_still_works(tmp_path):
    full = make(tmp_path)
    (tmp_path / "file").write_text("")
    assert Tokens(tmp_path, tmp_path / "file").encode(["密码"]) == [full.encode("密码").ids]


def test_other_tokenizers_have_no_quick_form(tmp_path):
    Tokenizer(models.WordPiece({"[UNK]": 0, "a": 1})).save(str(tmp_path / "tokenizer.json"))
    assert Tokens(tmp_path, tmp_path).encode(["a"]) == [[1]]
    assert not (tmp_path / "pieces.npy").exists()
