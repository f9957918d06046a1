import pytest

from surefoot.config.catalog import load_catalog
from surefoot.config.solution import Endpoint
from surefoot.core.errors import DataError, MissingError, MissingExtra
from surefoot.models import chat
from surefoot.models.base import ModelEnv
from surefoot.models.chat import EngineChoice, explain_engine, open_chat
from surefoot.models.chat_http import HttpChat
from surefoot.models.chat_openvino import why_not
from surefoot.models.gguf import GgufFacts, Tensor

NEAR = {"near": Endpoint(base_url="http://127.0.0.1:1/v1", model="m")}
FAR = {"far": Endpoint(base_url="https://api.example.com/v1", model="m")}


@pytest.fixture
def env(tmp_path):
    return ModelEnv(tmp_path, offline=True)


def facts(path, *types, architecture="llama", pre="smollm", tensors=(), **values):
    found = {
        "general.architecture": architecture,
        f"{architecture}.context_length": 512,
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": pre,
        "tokenizer.chat_template": "{{ messages }}",
        **values,
    }
    named = tuple(Tensor(f"t{i}", kind) for i, kind in enumerate(types or ("F32",)))
    return GgufFacts(path, found, (*named, *tensors))


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Makes a file whose header says what the test wants."""
    path = tmp_path / "some.gguf"

    def make(*types, **changes):
        monkeypatch.setattr(chat, "read_gguf", lambda where: facts(where, *types, **changes))
        return str(path)

    return make


def test_a_file_that_openvino_reads_exactly(file, env):
    choice = explain_engine(file("Q4_0", "Q8_0", "F32", "F16"), env)
    assert (choice.engine, choice.converted) == ("openvino", False)
    assert "exactly" in choice.why


@pytest.mark.parametrize("kind", ["Q4_1", "Q4_K", "Q6_K", "BF16"])
def test_a_file_that_is_converted_first(file, env, kind):
    choice = explain_engine(file("F32", kind), env)
    assert (choice.engine, choice.converted) == ("openvino", True)
    assert kind in choice.why


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"architecture": "gemma3"}, "architecture 'gemma3'"),
        ({"pre": "llama-bpe"}, "tokenizer 'gpt2/llama-bpe'"),
        ({"tokenizer.ggml.model": "llama"}, "tokenizer 'llama/smollm'"),
        ({"llama.rope.scaling.type": "linear"}, "stretched positions"),
        ({"tensors": (Tensor("rope_freqs.weight", "F32"),)}, "stretched positions"),
        ({"split.count": 3}, "several files"),
        ({"tensors": (Tensor("t", "MXFP4"),)}, "type MXFP4"),
    ],
)
def test_what_openvino_cannot_read_goes_to_llama_cpp(file, env, changes, reason):
    choice = explain_engine(file(**changes), env)
    assert choice.engine == "llama.cpp"
    assert reason in choice.why


def test_without_the_extra_the_error_says_why_it_is_needed(file, env, monkeypatch):
    monkeypatch.setattr(chat, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"gemma3.*surefoot\[llama\]"):
        open_chat(file(architecture="gemma3"), env)


def test_a_model_that_cannot_chat_is_refused(file, env):
    with pytest.raises(DataError, match="no chat template"):
        explain_engine(file(**{"tokenizer.chat_template": ""}), env)


def test_nothing_speaks_against_a_plain_file(tmp_path):
    assert why_not(facts(tmp_path, "Q8_0", architecture="qwen2", pre="qwen2")) == ""


def test_an_endpoint_is_opened_by_its_name(env):
    model = open_chat("http:near", env, NEAR)
    assert isinstance(model, HttpChat)
    model.close()
    assert explain_engine("http:near", env) == EngineChoice(
        "http", "the model answers at an address"
    )


def test_an_unknown_endpoint_names_those_that_are_known(env):
    with pytest.raises(MissingError, match=r"no endpoint 'far' \| known: near"):
        open_chat("http:far", env, NEAR)


def test_without_network_a_far_endpoint_is_not_asked(env):
    with pytest.raises(MissingError, match=r"api.example.com is on the network"):
        open_chat("http:far", env, FAR)


def test_of_a_model_that_is_not_in_the_cache_the_engine_is_unknown(env):
    alias = load_catalog().default("chat")
    choice = explain_engine(alias, env)
    assert choice.engine == "unknown"
    assert f"surefoot models fetch {alias}" in choice.why
    with pytest.raises(MissingError, match="the network is off"):
        open_chat(alias, env)


def test_an_unknown_alias_names_those_that_are_known(env):
    with pytest.raises(MissingError, match="there is no chat model 'smol'"):
        open_chat("smol", env)


def test_a_file_that_is_not_there(env, tmp_path):
    with pytest.raises(MissingError, match="there is no such file"):
        open_chat(str(tmp_path / "gone.gguf"), env)
