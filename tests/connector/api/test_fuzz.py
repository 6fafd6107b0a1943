"""Requests made from the document, right and wrong ones: every answer is one that the document knows, and no fault.

`make fuzz-api` sends more of them: SWITCHYARD_FUZZ_API says how many of each kind for each operation.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import hypothesis
import pytest
import schemathesis
from schemathesis import Case, GenerationMode
from schemathesis.checks import positive_data_acceptance
from schemathesis.specs.openapi.schemas import OpenApiSchema

from connector.api.frame import OPERATIONS
from connector.app import create_app
from tests.connector.api.furnish import Ids, furnished
from tests.connector.api.kit import PREFIX, key_of
from tests.connector.web.conftest import ALICE, ORG, open_house

FEW = 2
REFUSED = [400, 401, 403, 404, 405, 409, 412, 413, 415, 422]
CONFIG = schemathesis.Config.from_dict(
    {
        "checks": {"negative_data_rejection": {"expected-statuses": REFUSED}},
        "generation": {"with-security-parameters": False},  # what a wrong key opens is tested for every operation
    }
)
EACH = int(os.environ.get("SWITCHYARD_FUZZ_API", FEW))
"""Requests of each kind for each operation."""


class Api(NamedTuple):
    """A document, and what opens it."""

    schema: OpenApiSchema
    key: dict[str, str]
    ids: Ids


@pytest.fixture(scope="module")
def api(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The document as served; most of its right requests are about what is there."""
    house = open_house(empty, tmp_path_factory.mktemp("fuzz"))
    acme = house.connect("salesforce", ORG, "Acme Corp", admin=ALICE)
    ids = furnished(house, acme, "A")
    schema = schemathesis.openapi.from_wsgi(f"{PREFIX}/openapi.json", create_app(house), config=CONFIG)

    yield Api(schema, {"Authorization": f"Bearer {key_of(house, acme)}"}, ids)
    house.close()


def kinds() -> list[tuple[str, bool]]:
    """Every operation, with right requests and, where anything in them can be wrong, with wrong ones."""
    takes = {each.id for each in OPERATIONS.values() if each.query or each.changes or "<" in each.rule}
    return [(name, wrong) for name in sorted(OPERATIONS) for wrong in (False, True) if name in takes or not wrong]


@pytest.mark.parametrize(("name", "wrong"), kinds())
def test_no_request_made_from_the_document_is_answered_otherwise_than_it_says(
    api: Api,
    name: str,
    wrong: bool,  # noqa: FBT001 - a parameter
) -> None:
    operation = api.schema.find_operation_by_id(name)
    mode = GenerationMode.NEGATIVE if wrong else GenerationMode.POSITIVE

    @hypothesis.settings(
        max_examples=EACH,
        derandomize=EACH == FEW,
        deadline=None,
        database=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(operation.as_strategy(generation_mode=mode))
    def asked(case: Case[Any]) -> None:
        if not wrong:
            named = case.path_parameters or {}
            case.path_parameters = {
                name: api.ids[name] if len(str(value)) % 3 else value for name, value in named.items()
            }
            if "Idempotency-Key" in (case.headers or {}):
                case.headers["Idempotency-Key"] = uuid4().hex
        answer = case.call_and_validate(headers=api.key, excluded_checks=[positive_data_acceptance])
        assert wrong or answer.status_code != 422 or not answer.json()["type"].endswith("#invalid"), answer.text

    asked()
