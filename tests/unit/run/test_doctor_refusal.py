"""The set-up check says when refusal was fitted for another encoder than the one in use."""

import pytest

import surefoot
from surefoot.models.embed_hash import HashEncoder, HashSettings
from surefoot.run.doctor import examine

HASH = HashEncoder(HashSettings())


def refusal(root, stage):
    text = (
        f'schema = 1\n[corpus]\nembed = {{ kind = "hash" }}\n[[stages]]\nkind = "search"\n{stage}'
    )
    (root / "surefoot.toml").write_text(text, encoding="utf-8")
    with surefoot.open(root) as space:
        return [found for found in examine(space) if found.subject == "refusal"]


def test_weights_of_another_encoder_are_a_warning_with_the_remedy(tmp_path):
    (found,) = refusal(tmp_path, '[[stages]]\nkind = "quote"\n')
    assert (found.level, found.hint) == ("warning", "surefoot calibrate")
    assert "another encoder" in found.message


@pytest.mark.parametrize(
    ("stage", "levels"),
    [
        (
            '[[stages]]\nkind = "quote"\n'
            f'refuse = {{ threshold = 0.1, weights = {{ bias = 1.0 }}, encoder = "{HASH.digest}" }}\n',
            ["ok"],
        ),
        ('[[stages]]\nkind = "quote"\nrefuse = { threshold = 0 }\n', []),
        ("", []),
    ],
)
def test_weights_of_this_encoder_or_none_at_all_are_fine(tmp_path, stage, levels):
    assert [found.level for found in refusal(tmp_path, stage)] == levels
