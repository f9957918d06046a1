"""The house keeps its shape: layers, sizes, one place for model names, nothing heavy at import."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "surefoot"
FILES = sorted(SOURCE.rglob("*.py"))
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def test_layers_point_downward():
    lint = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([lint], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    "limit, files", [(400, FILES), (600, sorted((ROOT / "tests").rglob("*.py")))]
)
def test_files_are_short(limit, files):
    too_long = {
        str(file.relative_to(ROOT)): lines
        for file in files
        if (lines := len(file.read_text(encoding="utf-8").splitlines())) > limit
    }
    assert too_long == {}


def test_functions_are_short_and_take_few_parameters():
    offenders = []
    for file in FILES:
        for node in _nodes(file):
            if isinstance(node, FUNCTIONS):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                own = [
                    a
                    for a in (*node.args.args, *node.args.kwonlyargs)
                    if a.arg not in ("self", "cls")
                ]
                if lines > 50 or len(own) > 6:
                    offenders.append(
                        f"{file.name}:{node.name} {lines} lines, {len(own)} parameters"
                    )
    assert offenders == []


def test_no_async_outside_serve():
    with_async = [
        file.name
        for file in FILES
        if "serve" not in file.parts
        and any(isinstance(n, ast.AsyncFunctionDef | ast.Await) for n in _nodes(file))
    ]
    assert with_async == []


@cache
def _nodes(file: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))


def test_model_names_stand_in_the_catalog_only():
    catalog = tomllib.loads((SOURCE / "config/data/models.toml").read_text(encoding="utf-8"))
    elsewhere = [
        f"{file.relative_to(ROOT)}: {alias}"
        for file in (
            *FILES,
            *(SOURCE / "config/data").rglob("*.md"),
            SOURCE / "config/data/solution.toml",
        )
        for raw in (file.read_text(encoding="utf-8"),)
        for named in ([alias for alias in catalog if alias in raw],)
        for text in (_without_docstrings(file) if named else "",)
        for alias in named
        if alias in text
    ]
    assert elsewhere == []


def _without_docstrings(file: Path) -> str:
    text = file.read_text(encoding="utf-8")
    if file.suffix != ".py":
        return text
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, *FUNCTIONS)) and ast.get_docstring(
            node, clean=False
        ):
            node.body[0].value.value = ""  # examples in help texts may name a model
    return ast.unparse(tree)


BANNED = {"pickle", "joblib", "dill", "cloudpickle", "shelve", "marshal"}
BANNED_CALLS = {"eval", "exec", "compile"}


def test_nothing_loads_code_from_data():
    offenders = []
    for file in FILES:
        for node in _nodes(file):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {alias.name.split(".")[0] for alias in node.names} | {
                    (getattr(node, "module", "") or "").split(".")[0]
                }
                offenders += [f"{file.name}: import {name}" for name in names & BANNED]
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in BANNED_CALLS
            ):
                offenders.append(f"{file.name}:{node.lineno} {node.func.id}()")
            if (
                isinstance(node, ast.Attribute)
                and node.attr == "load"
                and ast.unparse(node) in ("yaml.load", "torch.load")
            ):
                offenders.append(f"{file.name}:{node.lineno} {ast.unparse(node)}")
    assert offenders == []


HEAVY = (
    "torch",
    "lancedb",
    "openvino",
    "openvino_genai",
    "fastapi",
    "pyarrow",
    "kreuzberg",
    "transformers",
    "sqlalchemy",
)


@pytest.mark.parametrize(
    "statement", ["import surefoot", "import surefoot.cli.main as m; m._register()"]
)
def test_nothing_heavy_is_imported_at_start(statement):
    code = f"import sys; {statement}; print([m for m in {HEAVY!r} if m in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_exceptions_are_caught_broadly_in_few_places():
    allowed = {"pipeline.py", "runner.py"}
    offenders = []
    for file in FILES:
        for node in _nodes(file):
            if isinstance(node, ast.ExceptHandler) and file.name not in allowed:
                caught = ast.unparse(node.type) if node.type else ""
                if caught in ("", "BaseException") or (caught == "Exception" and not _raises(node)):
                    offenders.append(f"{file.name}:{node.lineno}")
    assert offenders == []


def _raises(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(node, ast.Raise) for node in ast.walk(handler))
