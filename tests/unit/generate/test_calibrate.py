import pytest

from surefoot.core.errors import DataError
from surefoot.core.lang import terms
from surefoot.core.types import Chunk, Document, Hit
from surefoot.generate.calibrate import Sight, calibrate, judge_twice
from surefoot.generate.guard import SIGNS, Guard
from surefoot.generate.probes import Probe, make_probes
from surefoot.models.embed_hash import HashEncoder, HashSettings

WORDS = {
    "en": [
        "anchor baker canal dolphin ember falcon garnet harbour island jasper kettle lantern",
        "marble nectar orchid pepper quartz ribbon saddle timber urchin velvet walnut zephyr",
    ],
    "zh": [
        "铁锚 面包 运河 海豚 余烬 猎鹰 石榴 港口 岛屿 碧玉 水壶 灯笼",
        "大理 花蜜 兰花 胡椒 石英 丝带 马鞍 木材 海胆 天鹅 核桃 微风",
    ],
}


def documents(lang, count=12):
    """Documents that share a frame of words, each with words of its own."""
    first, second = (line.split() for line in WORDS[lang])
    for i in range(count):
        a, b, c = first[i], second[i], first[(i + 5) % 12]
        if lang == "en":
            text = (
                f"# The {a} and {b} survey\n\nEvery {a} near the northern {b} was counted twice last spring. "
                f"The keeper paints each {b} blue before the {c} festival begins."
            )
        else:
            text = f"# {a}与{b}的调查\n\n去年春天北方{b}附近的{a}都清点了两次。管理员在{c}节开始之前把{b}漆成蓝色。"
        yield Document(f"{lang}{i}", "", "0" * 64, text, lang=lang)


def sight(docs):
    encoder = HashEncoder(HashSettings(dimensions=4096))
    chunks = [Chunk(f"{d.id}#0", d.id, d.text, 0, len(d.text), lang=d.lang) for d in docs]
    held = [frozenset(terms(chunk.text)) for chunk in chunks]
    vectors = encoder.embed_passages([chunk.text for chunk in chunks])

    def search(question):
        scores = vectors @ encoder.embed_queries([question])[0]
        order = sorted(range(len(chunks)), key=lambda i: -scores[i])[:6]
        return [Hit(chunks[i], float(scores[i]), "vector") for i in order]

    def frequencies(wanted):
        return [sum(term in words for words in held) for term in wanted], len(held)

    return Sight(search, encoder, frequencies)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_probes_are_headings_hidden_sentences_and_pieces_spread_over_the_documents(lang):
    docs = list(documents(lang))
    probes = make_probes(docs, limit=36, seed=1)
    assert {probe.kind for probe in probes} == {"heading", "hidden", "piece"}
    assert {probe.document_id for probe in probes[:12]} == {doc.id for doc in docs}
    text = {doc.id: doc.text for doc in docs}
    for probe in probes:
        assert probe.question in text[probe.document_id]
        if probe.hidden is not None:
            start, end = probe.hidden
            assert text[probe.document_id][start:end] == probe.question
    assert probes == make_probes(docs, limit=36, seed=1)
    assert probes != make_probes(docs, limit=36, seed=2)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_corpus_without_labels_gives_settings_that_part_its_questions(lang):
    docs = list(documents(lang))
    seen = sight(docs)
    found = calibrate(make_probes(docs, limit=36), seen, answer_rate=0.9)
    assert found.auc.low <= found.auc.value <= found.auc.high
    assert found.auc.value > 0.9
    assert found.answered.value >= 0.89
    assert found.refused.value > 0.5
    assert found.settings.weights is not None
    assert set(found.settings.weights) == {"bias", *SIGNS}
    assert found.settings.encoder == seen.encoder.digest
    assert "rough" in found.warnings[0]
    assert Guard(found.settings)
    assert found == calibrate(make_probes(docs, limit=36), seen, answer_rate=0.9)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_question_is_judged_with_its_document_and_without(lang):
    docs = list(documents(lang))
    seen = sight(docs)
    probe = next(p for p in make_probes(docs, limit=36) if p.kind == "piece")
    hits = seen.search(probe.question)
    present, away = judge_twice(probe.question, hits, frozenset({probe.document_id}), seen)
    assert present["coverage"] > away["coverage"]
    same = judge_twice(probe.question, hits, frozenset(), seen)
    assert same[0] == same[1]


def test_a_hidden_sentence_is_not_read():
    docs = list(documents("en"))
    seen = sight(docs)
    probe = next(p for p in make_probes(docs, limit=36) if p.kind == "hidden")
    hits, gold = seen.search(probe.question), frozenset({probe.document_id})
    open_, _ = judge_twice(probe.question, hits, gold, seen)
    blank, _ = judge_twice(probe.question, hits, gold, seen, hidden=probe.hidden)
    assert blank["sentence_coverage"] < open_["sentence_coverage"]


def test_too_few_questions_are_an_error_with_a_remedy():
    docs = list(documents("zh", count=2))
    probes = [Probe("不存在的问题", "elsewhere", "piece"), *make_probes(docs, limit=4)]
    with pytest.raises(DataError, match="add documents"):
        calibrate(probes, sight(docs))
