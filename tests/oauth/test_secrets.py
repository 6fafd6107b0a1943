"""The canary: whatever happens, no secret is in a log line, a repr, an error or a URL."""

from __future__ import annotations

import contextlib
import logging
import traceback
from typing import Any

import pytest
import structlog

from connector.crm import CrmName
from connector.errors import Next
from oauth.answers import NotGranted
from oauth.grant import Grant
from oauth.providers import provider
from tests.oauth.house import House
from tests.sandbox.control import Fault

CRMS: tuple[CrmName, ...] = ("salesforce", "hubspot")
FAULTS: list[dict[str, Any]] = [
    {"status": 400, "body": {"error": "invalid_grant", "error_description": "x"}},
    {"status": 400, "body": {"error": "invalid_client"}},
    {"status": 200, "body": "no JSON"},
    {"status": 200, "body": {"error": "odd", "error_description": "x"}},
    {"status": 503, "body": "down"},
    {"status": 307, "body": {}, "headers": {"Location": "https://localhost:1/"}},
    {"drop": "before"},
]


def secrets_of(house: House, *grants: Grant) -> set[str]:
    named = {"sandbox code", "sandbox verifier", house.hubspot.client_secret, house.salesforce.client_secret}
    tokens = {token for grant in grants for token in (grant.access_token, grant.refresh_token)}
    return {*named, *tokens, house.values["encryption_keys"], house.values["session_secret"]} - {""}


def test_no_secret_shows_in_logs_reprs_errors_or_urls(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    texts: list[str] = []
    grants: list[Grant] = []
    with structlog.testing.capture_logs() as lines:
        for crm in CRMS:
            there = provider(crm, house.settings, house.clock)
            grant = house.grant(crm)
            grants.append(grant)
            install = house.installed(crm, grant)
            source = house.vault.source(install)
            texts += [repr(grant), str(grant), repr(source), repr(house.vault), repr(there.identity(grant))]
            host = there.login("production", "")
            for fault in FAULTS:
                for call in (
                    lambda: source.renew(source.current()),  # noqa: B023 - called in this turn
                    lambda: there.identity(grant),  # noqa: B023
                    lambda: there.revoke(grant),  # noqa: B023
                    lambda: there.exchange(  # noqa: B023
                        code="sandbox code",
                        redirect_uri="http://localhost:8000/",
                        host=host,  # noqa: B023
                        verifier="sandbox verifier",
                    ),
                ):
                    control = house.salesforce.control if crm == "salesforce" else house.hubspot.control
                    control.order(Fault(".*", **fault))
                    try:
                        call()
                    except (Next, NotGranted) as error:
                        texts += [str(error), repr(error), "".join(traceback.format_exception(error))]
                    control.forget_orders()
            house.visitor().connect(crm)
            house.vault.disconnect(install)
    texts += [str(line) for line in lines]
    texts += [f"{record.getMessage()} {record.args} {record.exc_text}" for record in caplog.records]
    for control in (house.salesforce.control, house.hubspot.control):
        texts += [f"{call.path}?{call.query}" for call in control.calls()]
    assert len(texts) > 100
    found = {secret[:6] for secret in secrets_of(house, *grants) for text in texts if secret in text}
    assert found == set()


def test_an_unexpected_error_inside_a_call_hides_the_request(house: House) -> None:
    # A requests error carries its request, and that carries our secret: it must not travel along as the cause.
    grant = house.grant("hubspot")
    house.hubspot.control.order(Fault("POST", drop="before"))
    with contextlib.suppress(Next):
        provider("hubspot", house.settings, house.clock).refresh(grant)
    house.hubspot.control.order(Fault("POST", drop="before"))
    with pytest.raises(Next) as raised:
        provider("hubspot", house.settings, house.clock).refresh(grant)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
