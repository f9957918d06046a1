"""What is said is written down with its seconds, and citations say them. Needs the speech weights and espeak-ng."""

import os
import re
import shutil
import subprocess
import wave
from pathlib import Path

import pytest

import surefoot
from surefoot.config.catalog import load_catalog
from surefoot.config.settings import load_settings
from surefoot.core.errors import SurefootError
from surefoot.models.base import ModelEnv
from surefoot.models.media.weights import speech_folder

pytest.importorskip("faster_whisper", reason='needs pip install "surefoot[media]"')
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs Debian's espeak-ng"),
]

SOLUTION = """
[corpus]
sources = [{ kind = "folder", path = "talks" }]
embed = { kind = "hash" }

[[stages]]
kind = "search"

[[stages]]
kind = "quote"
refuse = { threshold = 0.0 }
"""
FIRST = "The warranty of the water pump lasts for many years."
SECOND = "Please send the broken part to the workshop in Hamburg."
SILENCE_S = 3.0


@pytest.fixture(scope="module")
def weights():
    settings = load_settings().settings
    try:
        return speech_folder("", ModelEnv(settings.models, settings.offline, settings.threads))
    except SurefootError as problem:
        pytest.skip(f"the speech weights are not to be had: {problem.message}")


def spoken(file, text):
    command = ["espeak-ng", "-v", "en-us", "-s", "150", "-w", str(file), text]
    subprocess.run(command, check=True)
    with wave.open(str(file)) as sound:
        return sound.getparams(), sound.readframes(sound.getnframes())


@pytest.fixture
def talk(tmp_path, weights):
    """A recording of two sentences with a pause; gives the workspace and the second of each."""
    (tmp_path / "talks").mkdir()
    (tmp_path / "surefoot.toml").write_text(SOLUTION, encoding="utf-8")
    form, first = spoken(tmp_path / "1.wav", FIRST)
    _, second = spoken(tmp_path / "2.wav", SECOND)
    rate, width = form.framerate, form.sampwidth
    pause = b"\0" * (int(SILENCE_S * rate) * width)
    with wave.open(str(tmp_path / "talks" / "talk.wav"), "wb") as made:
        made.setparams(form)
        made.writeframes(first + pause + second)
    return tmp_path, (0.0, len(first) / width / rate + SILENCE_S)


def words(text):
    return set(re.findall(r"[a-z]+", text.lower()))


def test_two_sentences_are_found_at_their_seconds(talk):
    folder, begins = talk
    with surefoot.open(folder) as space:
        assert space.sync().failed == 0
        (document,) = space.documents()
        heard = words(document.text)
        for sentence in (FIRST, SECOND):
            wanted = words(sentence)
            assert len(wanted & heard) >= 0.8 * len(wanted)
        questions = ("How long does the warranty of the pump last?", "Where is the part sent to?")
        for question, begin, mark in zip(questions, begins, ("warranty", "workshop"), strict=True):
            answer = space.ask(question)
            citation = next(c for c in answer.citations if mark in c.quote.lower())
            assert citation.region.seconds[0] == pytest.approx(begin, abs=1.0)
            assert citation.region.page is None
        assert re.search(r"talk at 0:0[5-9]", str(answer))


def test_films_are_read_by_their_sound_and_silent_ones_are_told(talk):
    import av
    import numpy as np

    folder, _ = talk
    for name, with_sound in (("film.mp4", True), ("silent.mp4", False)):
        with (
            av.open(str(folder / "talks" / name), "w") as film,
            av.open(str(folder / "talks" / "talk.wav")) as sound,
        ):
            picture = film.add_stream("mpeg4", rate=5)
            picture.width = picture.height = 64
            picture.pix_fmt = "yuv420p"
            track = film.add_stream("aac", rate=22050) if with_sound else None
            for _ in range(5):
                frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
                film.mux(picture.encode(frame))
            film.mux(picture.encode(None))
            if track is not None:
                for frame in sound.decode(audio=0):
                    frame.pts = None
                    film.mux(track.encode(frame))
                film.mux(track.encode(None))
    (folder / "talks" / "talk.wav").unlink()
    with surefoot.open(folder) as space:
        space.sync()
        states = {Path(state.id).name: state for state in space.status()}
        (document,) = space.documents()
    assert states["film.mp4"].status == "ok"
    assert "Hamburg" in document.text
    assert states["silent.mp4"].status == "failed"
    assert "no sound" in states["silent.mp4"].reason


def test_the_default_weights_are_those_of_the_catalog(weights):
    assert load_catalog().get(load_catalog().default("speech")).alias in weights.name
    assert os.environ.get("HF_HUB_OFFLINE") in (None, "1")
