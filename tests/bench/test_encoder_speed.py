"""What an encoder costs beyond its network, and what a cold start costs, in processor seconds.

Run with -s to see the figures. Ratios of one run; a busy machine moves both sides.
"""

import os
import subprocess
import sys
from time import process_time

import numpy as np
import pytest

from surefoot.config.settings import load_settings
from surefoot.core.errors import MissingError, TransientError
from surefoot.models.base import ModelEnv
from surefoot.models.embed import LocalEncoder, LocalSettings, read_recipe
from surefoot.models.inference import batches
from surefoot.models.tokens import Tokens

pytestmark = pytest.mark.slow

SENTENCES = [
    "The warranty covers parts and labour for two years from the day of purchase.",
    "Requests that arrive after noon are handled on the next working day.",
    "保修期自购买之日起两年，包括零件和人工费用。",
    "中午以后收到的申请将在下一个工作日处理。",
]


@pytest.fixture(scope="module")
def env():
    settings = load_settings(env=os.environ).settings
    env = ModelEnv(settings.models, settings.offline, threads=1)
    try:
        read_recipe(LocalSettings(), env)
    except (MissingError, TransientError) as problem:
        pytest.skip(f"the weights are not to be had: {problem}")
    return env


def texts(count):
    """Texts of 10 to 300 tokens in two languages."""
    rng = np.random.default_rng(5)
    return [" ".join(rng.choice(SENTENCES, size).tolist()) for size in rng.integers(1, 16, count)]


def seconds(work):
    """The least processor time of three runs."""
    found = []
    for _ in range(3):
        start = process_time()
        work()
        found.append(process_time() - start)
    return min(found)


def test_tokens_and_batches_cost_little_beyond_the_network(env):
    said = texts(128)
    encoder = LocalEncoder(LocalSettings(), env)
    recipe = read_recipe(LocalSettings(), env)
    encoder.embed_passages(said * 8)  # enough text for the full tokenizer to be loaded
    ids = Tokens(recipe.folder, recipe.keep).encode([recipe.passage_prefix + t for t in said])
    shapes = [(len(batch), max(len(ids[i]) for i in batch)) for batch in batches([*map(len, ids)])]
    request = encoder._network._pooled._request
    inputs = [
        {0: np.full((*shape, encoder.dimensions), 0.01, np.float32), 1: np.ones(shape, np.float32)}
        for shape in shapes
    ]
    network = seconds(lambda: [request.infer(tables) for tables in inputs])
    whole = seconds(lambda: encoder.embed_passages(said))
    encoder.close()
    tokens = sum(map(len, ids))
    padded = sum(rows * width for rows, width in shapes)
    print(
        f"\n{len(said)} texts, {tokens} tokens, padding {padded / tokens - 1:.1%}; "
        f"network {tokens / network:.0f} tokens/s, encoder {tokens / whole:.0f} tokens/s, "
        f"{network / whole:.0%}"
    )
    assert network / whole >= 0.9
    assert padded / tokens < 1.1


COLD = """
import sys, time
from pathlib import Path
from surefoot.models.base import ModelEnv
from surefoot.models.embed import LocalEncoder, LocalSettings
encoder = LocalEncoder(LocalSettings(), ModelEnv(Path(sys.argv[1]), offline=True))
encoder.embed_queries(["How do I reset my password? 怎样重置密码？"])
print(time.process_time())
"""


def test_a_cold_start_with_its_first_question(env):
    command = [sys.executable, "-c", COLD, str(env.cache)]
    found = [
        float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        for _ in range(4)
    ]
    print(f"\ncold start with the first question: {min(found[1:]):.2f} processor seconds")
    assert min(found[1:]) < 1.5
