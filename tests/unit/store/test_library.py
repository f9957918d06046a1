"""LanceDB is imported without its REST client, and nothing is lost for those who want it."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from surefoot.store.library import leave_for_later

WHOLE = """
import sys
import pydantic
from surefoot.store.library import REST_CLIENT, lancedb
library = lancedb()
assert library is lancedb() and library.__name__ == "lancedb"
assert not [name for name in sys.modules if name.startswith(f"{REST_CLIENT}.api")]
assert "defer_build" not in pydantic.BaseModel.model_config
assert "overrides" not in sys.modules
from lance_namespace import CreateTableRequest, ListTablesResponse
assert ListTablesResponse(tables=["表"]).to_dict() == {"tables": ["表"]}
try:
    ListTablesResponse(tables=7)
except pydantic.ValidationError:
    pass
else:
    raise AssertionError("nothing was checked")
import lance_namespace_urllib3_client as client
assert client.__version__ and client.TableApi(client.ApiClient()).list_all_tables
assert client.ListTablesResponse is ListTablesResponse
from lancedb.pydantic import LanceModel
class Row(LanceModel):
    name: str
assert Row(name="x").name == "x"
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "late_package"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "import builtins\nbuiltins.late_runs = getattr(builtins, 'late_runs', 0) + 1\n"
        "from late_package.inner import value\nname = __name__\n"
    )
    (folder / "inner.py").write_text("value = 7\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "late_package"
    for name in [name for name in sys.modules if name.startswith("late_package")]:
        del sys.modules[name]
    vars(sys.modules["builtins"]).pop("late_runs", None)


def runs():
    return vars(sys.modules["builtins"]).get("late_runs", 0)


def test_a_submodule_is_imported_without_the_package_running(package):
    leave_for_later(package)
    from late_package.inner import value

    assert (value, runs()) == (7, 0)


def test_the_package_runs_once_when_something_is_asked_of_it(package):
    leave_for_later(package)
    import late_package

    found = []
    threads = [threading.Thread(target=lambda: found.append(late_package.value)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [7] * 4
    assert (late_package.name, runs()) == ("late_package", 1)
    with pytest.raises(AttributeError, match="no attribute 'missing'"):
        _ = late_package.missing


def test_what_is_imported_or_not_installed_stays_as_it_is(package):
    import late_package

    leave_for_later(package)
    leave_for_later("not_installed_anywhere")
    assert sys.modules[package] is late_package
    assert "not_installed_anywhere" not in sys.modules


@pytest.mark.slow
def test_lancedb_is_whole_and_the_rest_client_runs_when_asked():
    done = subprocess.run([sys.executable, "-c", WHOLE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
