"""What the server does is what its OpenAPI description says, whatever it is sent."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_schema_conformance,
    status_code_conformance,
)
from serving import make_space, running

pytestmark = pytest.mark.slow
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    ignored_auth,
]
EXAMPLES = 12


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    with running(make_space(tmp_path_factory.mktemp("api") / "house"), keys=True) as found:
        yield found


def fails(operation, headers) -> str:
    """What a route does that is not described; empty when nothing was found."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def sent(data):
        case = data.draw(operation.as_strategy())
        case.call_and_validate(headers=headers, checks=CHECKS)

    try:
        sent()
    except (AssertionError, BaseExceptionGroup) as problem:
        parts = problem.exceptions if isinstance(problem, BaseExceptionGroup) else (problem,)
        return "\n".join(f"{operation.label}: {part}" for part in parts)
    return ""


def test_every_route_answers_as_described(locked):
    headers = {"Authorization": f"Bearer {locked.key('admin')}"}
    schema = schemathesis.openapi.from_url(f"{locked.url}/openapi.json", headers=headers)
    found = {one.ok().label: fails(one.ok(), headers) for one in schema.get_all_operations()}
    assert len(found) > 10
    problems = [problem for problem in found.values() if problem]
    assert not problems, "\n\n".join(problems)
