"""What is to be expected of a CRM is no error for Sentry; a fault of ours is one, without anything of a lead."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sentry_sdk

from connector import telemetry
from tests.faults.shop import STEPS, Shop
from tests.local.ingest import Ingest
from tests.local.world import CrmName

Open = Callable[..., Shop]
REFUSAL: dict[CrmName, tuple[str, Any]] = {
    "salesforce": ("record", [{"errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "Kim is not welcome"}]),
    "hubspot": ("update", {"status": "error", "category": "VALIDATION_ERROR", "message": "Kim is not welcome"}),
}


@pytest.fixture
def sentry() -> Iterator[Ingest]:
    """A local Sentry that this process reports all to; log lines stay as they were."""
    made, level, handlers = Ingest(), logging.root.level, list(logging.root.handlers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(telemetry, "configure_logs", lambda *_args, **_more: None)
        yield made
    sentry_sdk.init()
    logging.root.setLevel(level)
    logging.root.handlers = handlers
    made.stop()


def reporting(shop: Shop, sentry: Ingest) -> Shop:
    """Have a worker of this shop report to the local Sentry."""
    sentry_sdk.get_isolation_scope().clear()
    more = {"sentry_dsn": sentry.dsn, "sentry_traces_sample_rate": 1.0}
    telemetry.start(type(shop.settings)(**shop.settings.model_dump() | more), process="worker")
    return shop


def told(sentry: Ingest, kind: str) -> list[dict[str, Any]]:
    sentry_sdk.flush(timeout=10)
    return sentry.kept(kind)


@pytest.mark.parametrize("crm", STEPS)
def test_a_rate_limit_is_no_error(open_shop: Open, sentry: Ingest, crm: CrmName) -> None:
    shop = reporting(open_shop(crm), sentry)
    leads = shop.leads()
    body: Any = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "x"}] if crm == "salesforce" else {"message": "x"}
    shop.fault_at("read", status=403 if crm == "salesforce" else 429, body=body, times=1)
    shop.drain()
    shop.drain(minutes=20)
    shop.check(leads)
    assert told(sentry, "event") == []
    assert told(sentry, "transaction"), "what was done is told all the same"


@pytest.mark.parametrize("crm", STEPS)
def test_a_grant_that_was_withdrawn_is_no_error(open_shop: Open, sentry: Ingest, crm: CrmName) -> None:
    shop = reporting(open_shop(crm), sentry)
    shop.leads()
    shop.withdraw()
    shop.drain()
    assert shop.status() == "revoked"
    assert told(sentry, "event") == []


@pytest.mark.parametrize("crm", STEPS)
def test_what_the_crm_refuses_is_parked_and_no_error(open_shop: Open, sentry: Ingest, crm: CrmName) -> None:
    shop = reporting(open_shop(crm), sentry)
    shop.leads(1)
    step, body = REFUSAL[crm]
    shop.fault_at(step, status=400, body=body, times=9)
    shop.drain()
    for _ in range(3):
        shop.drain(minutes=20)
    assert shop.parked()
    assert told(sentry, "event") == []
    assert "not welcome" not in json.dumps(sentry.items)


@pytest.mark.parametrize("crm", STEPS)
def test_a_fault_of_ours_is_an_error_that_names_everything_but_the_lead(
    open_shop: Open, sentry: Ingest, crm: CrmName, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = reporting(open_shop(crm), sentry)
    (lead,) = shop.leads(1)

    def fail(*given: Any, **_more: Any) -> None:
        raise KeyError(repr(given))

    monkeypatch.setattr("rules.decide.decide", fail)
    shop.drain()
    events = told(sentry, "event")
    assert events
    for each in events:
        assert each["tags"]["install"] == shop.install.id
        assert each["release"].startswith("switchyard@")
        assert each["environment"] == "production"
    text = json.dumps(sentry.items)
    assert "globex.example" not in text
    assert "Kim" not in text
    assert lead in text, "by its id support finds it"
