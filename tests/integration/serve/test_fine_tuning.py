"""Fine-tuning jobs of the unmodified OpenAI client."""

from __future__ import annotations

import json
import time
from importlib.util import find_spec

import pytest
from openai import APIStatusError, BadRequestError, NotFoundError, OpenAI, PermissionDeniedError
from serving import make_space, running

from surefoot.config.catalog import load_catalog
from surefoot.optimize.train import jobs_root
from surefoot.serve.own.jobs import ordering
from surefoot.store.jobs import Job, JobBook
from surefoot.tune.checkpoints import FOLDER, MANIFEST
from surefoot.tune.events import Event, add_event

pytestmark = pytest.mark.slow
ROW = {"messages": [{"role": "user", "content": "嗨"}, {"role": "assistant", "content": "你好"}]}
NS = 10**9


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    with running(make_space(tmp_path_factory.mktemp("tune") / "house"), keys=True) as found:
        yield found


def client(served, *scopes, user=""):
    token = served.key(*scopes, user=user)
    return OpenAI(base_url=f"{served.url}/v1", api_key=token, max_retries=0)


def trained(served, id: str, name: str, owner: str = "", state: str = "done") -> Job:
    """A job as one that has trained leaves it: its row, its events, its checkpoints."""
    root = served.tenant.root
    out = jobs_root(root) / name
    out.mkdir(parents=True)
    spec = {"name": name, "tuner": {"kind": "lora"}, "base": "base"}
    (out / "spec.json").write_text(json.dumps(spec), encoding="utf-8")
    add_event(out, Event(state="validating", message="reading the rows"))
    add_event(out, Event(step=1, steps=2, loss=2.0, seconds=3, tokens=50))
    add_event(out, Event(step=2, steps=2, loss=1.5, dev_loss=1.75, seconds=6, tokens=100))
    add_event(out, Event(state="succeeded", message="成了"))
    for step in (1, 2):
        place = out / FOLDER / f"checkpoint-{step}"
        place.mkdir(parents=True)
        (place / MANIFEST).write_text("{}", encoding="utf-8")
    asked = {"name": name, "training_file": "file-1", "base": "base", "seed": 3}
    job = Job(
        id,
        "tune",
        ("tune", "lora"),
        time.time_ns(),
        state=state,
        asked=asked,
        owner=owner,
        started_ns=1000 * NS,
        ended_ns=1010 * NS,
    )
    book = JobBook.at(root / ".surefoot")
    book.put(job)
    book.close()
    return job


@pytest.mark.skipif(find_spec("torch") is not None, reason="the extra tune is installed")
def test_where_nothing_can_train_it_is_said_with_the_remedy(locked):
    model = load_catalog().default("chat")
    with client(locked, "tune", "write", "search") as api:
        text = json.dumps(ROW, ensure_ascii=False).encode()
        file = api.files.create(file=("行.jsonl", text), purpose="fine-tune")
        with pytest.raises(APIStatusError, match="surefoot\\[tune\\]") as refused:
            api.fine_tuning.jobs.create(model=model, training_file=file.id, suffix="我家")
        assert refused.value.status_code == 501
        assert not list(api.fine_tuning.jobs.list())


@pytest.mark.skipif(find_spec("torch") is not None, reason="the extra tune is installed")
def test_a_training_is_begun_by_the_command_that_people_give(locked, monkeypatch):
    monkeypatch.setattr(ordering, "require_torch", lambda why: None)
    model = load_catalog().default("chat")
    with client(locked, "tune", "write", "search", user="李") as api:
        file = api.files.create(file=("行.jsonl", json.dumps(ROW).encode()), purpose="fine-tune")
        pace = {"n_epochs": 2, "batch_size": 4, "learning_rate_multiplier": 0.5}
        method = {"type": "supervised", "supervised": {"hyperparameters": pace}}
        made = api.fine_tuning.jobs.create(
            model=model, training_file=file.id, suffix="我家", seed=5, method=method
        )
        assert made.training_file == file.id and made.hyperparameters.n_epochs == 2
        book = JobBook.at(locked.tenant.root / ".surefoot")
        words = book.get(made.id).words
        assert words[:2] == ("tune", "lora") and words[words.index("--name") + 1].startswith(
            "我家-"
        )
        assert words[words.index("--learning-rate") + 1] == "0.0004"
        assert words[words.index("--seed") + 1] == "5" and "--export" in words
        while (job := api.fine_tuning.jobs.retrieve(made.id)).finished_at is None:
            time.sleep(0.2)
        assert job.status == "failed" and "surefoot[tune]" in job.error.message
        book.close()


def test_what_is_not_read_is_refused(locked):
    with client(locked, "tune") as api:
        with pytest.raises(BadRequestError, match="validation_file"):
            api.fine_tuning.jobs.create(
                model="any", training_file="file-1", validation_file="file-2"
            )
        with pytest.raises(APIStatusError) as refused:
            api.fine_tuning.jobs.create(model="/etc/passwd", training_file="file-1")
        assert refused.value.status_code == 422
    with client(locked, "ask", "write") as api, pytest.raises(PermissionDeniedError):
        api.fine_tuning.jobs.list()


def test_a_training_is_listed_with_its_events_and_checkpoints(locked):
    id = f"ftjob-{'a' * 32}"
    trained(locked, id, "我家-12345678")
    with client(locked, "admin") as api:
        job = api.fine_tuning.jobs.retrieve(id)
        assert (job.status, job.fine_tuned_model) == ("succeeded", None)  # not exported
        assert (job.trained_tokens, job.seed, job.error) == (100, 3, None)
        assert job.hyperparameters.n_epochs == "auto" and job.finished_at == 1010
        assert id in [one.id for one in api.fine_tuning.jobs.list()]
        events = list(api.fine_tuning.jobs.list_events(id))
        assert [event.type for event in events] == ["message", "metrics", "metrics", "message"]
        assert events[0].message == "成了" and events[1].data["valid_loss"] == 1.75
        assert events[1].created_at == 1006
        paged = api.fine_tuning.jobs.list_events(id, limit=3)
        assert len(list(paged)) == 4
        found = list(api.fine_tuning.jobs.checkpoints.list(id))
        assert [one.step_number for one in found] == [2, 1]
        assert found[0].metrics.valid_loss == 1.75
        assert api.fine_tuning.jobs.cancel(id).status == "succeeded"


def test_an_interrupted_training_says_how_it_goes_on(locked):
    id = f"ftjob-{'b' * 32}"
    trained(locked, id, "other-1", state="interrupted")
    with client(locked, "admin") as api:
        job = api.fine_tuning.jobs.retrieve(id)
        assert job.status == "failed" and job.fine_tuned_model is None
        assert "resume" in job.error.message


def test_a_user_sees_own_trainings_alone(locked):
    id = f"ftjob-{'c' * 32}"
    trained(locked, id, "annas-1", owner="user:安娜")
    with client(locked, "tune", user="安娜") as api:
        assert [one.id for one in api.fine_tuning.jobs.list()] == [id]
    with client(locked, "tune", user="ben") as api:
        assert not list(api.fine_tuning.jobs.list())
        for call in (api.fine_tuning.jobs.retrieve, api.fine_tuning.jobs.cancel):
            with pytest.raises(NotFoundError):
                call(id)
