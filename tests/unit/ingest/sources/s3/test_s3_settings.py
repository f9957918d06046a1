"""What an S3 source is told; nothing is asked of a store here."""

import pytest

from surefoot.config.base import parse
from surefoot.config.registry import Registry
from surefoot.core.errors import ConfigError, TransientError
from surefoot.ingest.sources.patience import Patience
from surefoot.ingest.sources.s3.settings import S3Settings
from surefoot.ingest.sources.s3.source import S3Source


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("s3://lake/handbook/2024/", "2024"),
        ("s3://lake/手册", "手册"),
        ("s3://lake", "lake"),
        ("s3://lake/", "lake"),
    ],
)
def test_the_prefix_names_the_source(tmp_path, url, name):
    assert S3Source(S3Settings(url=url), tmp_path).name == name


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"url": "https://lake.example.org/a"}, "url"),
        ({"endpoint": "http://ann:hunter2@127.0.0.1"}, "endpoint"),
        ({"access_key": "AKIAEXAMPLE", "secret_key": "x"}, "env:VARIABLE"),
        ({"access_key": "env:A"}, "go together"),
        ({"access_key": "env:A", "secret_key": "env:B", "anonymous": True}, "without a key"),
    ],
)
def test_wrong_settings_are_told(options, said):
    with pytest.raises(ConfigError, match=said):
        parse(S3Settings, {"url": "s3://lake", **options}, Registry(), where="solution")


def test_the_address_is_the_endpoint(tmp_path):
    own = S3Settings(url="s3://lake", endpoint="http://127.0.0.1:9000")
    assert S3Source(own, tmp_path).addresses == ("http://127.0.0.1:9000",)
    assert S3Source(S3Settings(url="s3://lake"), tmp_path).addresses == (
        "https://s3.amazonaws.com",
    )


def test_a_missing_variable_is_said_and_loses_nothing(tmp_path, monkeypatch):
    monkeypatch.delenv("LAKE_KEY", raising=False)
    settings = S3Settings(
        url="s3://lake",
        endpoint="http://127.0.0.1:1",
        access_key="env:LAKE_KEY",
        secret_key="env:LAKE_SECRET",
    )
    (found,) = S3Source(settings, tmp_path).items()
    assert "LAKE_KEY" in found.reason
    assert found.keep


def test_after_three_failures_in_a_row_nothing_more_is_asked():
    patience, asked = Patience(), 0
    for _ in range(5):
        with pytest.raises(TransientError, match="no answer"), patience.asking():
            asked += 1
            raise TransientError("no answer")
    assert asked == 3


def test_one_success_gives_new_patience():
    patience = Patience()
    for fails in (True, True, False, True, True):
        if fails:
            with pytest.raises(TransientError), patience.asking():
                raise TransientError("no answer")
        else:
            with patience.asking():
                pass
    with patience.asking():
        pass
