"""`surefoot report`: a run of an eval set becomes one file, in both languages."""

import json

import pytest

from surefoot.cli.main import run

DOCS = {
    "en": {
        "leave.md": "# Leave\n\nParental leave lasts sixteen weeks.\n",
        "it.md": "# IT\n\nLaptops are replaced every four years.\n",
    },
    "zh": {"leave.md": "# 假期\n\n育儿假为十六周。\n", "it.md": "# 设备\n\n笔记本电脑每四年更换一次。\n"},
}  # fmt: skip
CASES = {
    "en": [("How long is parental leave?", "sixteen weeks"), ("How often are laptops replaced?", "four years")],
    "zh": [("育儿假有多长？", "十六周"), ("笔记本电脑多久更换一次？", "四年")],
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_run_becomes_one_file(lang, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    for name, text in DOCS[lang].items():
        (tmp_path / "docs" / name).write_text(text, encoding="utf-8")
    lines = [
        json.dumps(
            {"id": str(place), "question": question, "answers": [answer]}, ensure_ascii=False
        )
        for place, (question, answer) in enumerate(CASES[lang])
    ]
    (tmp_path / "staff.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert run(["init", "--quiet"]) == 0
    assert run(["add", "docs", "--quiet"]) == 0
    for _ in range(2):
        assert run(["evaluate", "staff.jsonl", "--quiet"]) == 0
    capsys.readouterr()
    assert run(["report", "--out", "r.html"]) == 0
    said = capsys.readouterr().out
    html = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert said.strip() in html
    assert f'lang="{"zh-Hans" if lang == "zh" else "en"}"' in html
    assert CASES[lang][0][0] in html or "surefoot evaluate" in html
    other = "en" if lang == "zh" else "zh"
    assert run(["report", "last", "--lang", other, "--out", "r.md"]) == 0
    assert "surefoot evaluate staff.jsonl" in (tmp_path / "r.md").read_text(encoding="utf-8")
    capsys.readouterr()
    assert run(["report", "last", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["asked"] == 2
    assert run(["report", "last", "--out", "r.pdf"]) == 2
    assert run(["report", "nothing", "--out", "r.html"]) == 3


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_search_becomes_one_file(lang, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    lines = []
    for place in range(12):
        topic = f"{'Topic' if lang == 'en' else '主题'} {place}"
        fact = {"en": f"The code of {topic} is {place}7.", "zh": f"{topic}的代码是{place}7。"}[lang]
        (tmp_path / "docs" / f"{place}.md").write_text(f"# {topic}\n\n{fact}\n", encoding="utf-8")
        asked = {"en": f"What is the code of {topic}?", "zh": f"{topic}的代码是什么？"}[lang]
        gold = [{"doc": f"docs/{place}.md"}]
        lines.append(json.dumps({"id": str(place), "question": asked, "gold": gold}))
    (tmp_path / "codes.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "space.toml").write_text(
        'schema = 1\n[choices]\n"stages.search.vector" = [0, 30]\n', encoding="utf-8"
    )
    assert run(["init", "--quiet"]) == 0
    assert run(["add", "docs", "--quiet", "--set", "corpus.embed.kind=hash"]) == 0
    wanted = ["--space", "space.toml", "--budget", "4trials", "--quiet"]
    hashed = ["--set", "corpus.embed.kind=hash"]
    assert run(["optimize", "codes.jsonl", *wanted, *hashed]) == 0
    capsys.readouterr()
    assert run(["report", "--experiment", "last", "--out", "search.html"]) == 0
    said = capsys.readouterr().out.strip()
    html = (tmp_path / "search.html").read_text(encoding="utf-8")
    assert f'lang="{"zh-Hans" if lang == "zh" else "en"}"' in html
    assert "surefoot optimize codes.jsonl" in html or "[[stages]]" in html
    assert said.split("：")[0][:6] in html
    assert run(["report", "-e", "nothing", "--out", "search.html"]) == 3
