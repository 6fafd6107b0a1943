"""The canary: leads with words that nobody else says, every secret there is, and all that can go wrong at once.

Afterwards none of them stands in a log line, a Sentry event, an error page, an address, in Redis or in a file of ours.
"""

from __future__ import annotations

import base64
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sentry_sdk
from flask import Flask
from rq import Queue, SimpleWorker
from rq.timeouts import TimerDeathPenalty

from connector import telemetry
from connector.app import create_app
from connector.desk import activity, keys, support
from connector.embedded import valkey_command, wait_for_redis
from connector.services import Services
from connector.settings import load
from jobs.queues import QUEUE
from jobs.worker import DrainWorker
from tests.connector.test_settings import WHOLE
from tests.connector.web.kit import Browser, batch, browser, change, signature
from tests.connector.web.test_exposure import process
from tests.contract.salesforce_place import SalesforcePlace
from tests.faults.shop import STEPS, Shop
from tests.local.world import CrmName
from tests.security import hunting

__all__ = ["process"]

Open = Callable[..., Shop]
LEAD = {
    "email": "quetzalina@xochimilco.example",
    "first_name": "Quetzalina",
    "last_name": "Ocelotzín",
    "company": "Xochimilco Tlaloque",
}
PHONE, NOTE = "+52 55 9137 4826", "tepanecatl {{7*7}} %s %(x)d \\n ${jndi:x}"
WORDS = (
    *LEAD.values(),
    PHONE,
    "tepanecatl",
    "9137 4826",
    "55 9137",
    "xochimilco",
    "tlaloque",
    "ocelotz",
    "nezahualcoyotl",
)
SAID = f"{LEAD['first_name']} {LEAD['last_name']} <{LEAD['email']}>, {PHONE} of {LEAD['company']}: not on Sundays"
POISONED = "Nezahualcoyotl"
POISON = (
    'rule: Nezahualcoyotl\nwhen: [lead.first_name is "Quetzalina", lead.nothing {{7*7}} %s\nassign: {lead.__class__}'
)
FAULTS: dict[CrmName, list[dict[str, Any]]] = {
    "salesforce": [
        {"status": 401, "body": [{"errorCode": "INVALID_SESSION_ID", "message": SAID}]},
        {"status": 429, "body": [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": SAID}]},
        {"status": 500, "body": [{"errorCode": "UNKNOWN_EXCEPTION", "message": SAID}]},
        {"status": 400, "body": [{"errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": SAID}]},
        {"status": 200, "body": SAID},
    ],
    "hubspot": [
        {"status": 401, "body": {"category": "EXPIRED_AUTHENTICATION", "message": SAID}},
        {"status": 429, "body": {"policyName": "SECONDLY", "message": SAID}},
        {"status": 500, "body": {"message": SAID}},
        {"status": 400, "body": {"category": "VALIDATION_ERROR", "message": SAID, "errors": [{"message": SAID}]}},
        {"status": 200, "body": SAID},
    ],
}


class Here(SimpleWorker, DrainWorker):
    """RQ's worker, but it works in this process, where the test can make a drain fail."""

    death_penalty_class = TimerDeathPenalty


@dataclass
class Scene:
    """A shop whose logs, Sentry events and web answers are kept."""

    shop: Shop
    app: Flask
    events: list[bytes]
    told: list[bytes] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)

    def ask(self, client: Browser, method: str, path: str, **more: Any) -> None:
        """Ask for something that fails; keep the answer, with its address."""
        answer = client.open(path, method=method, base_url=self.shop.settings.public_url, **more)
        assert answer.status_code >= 300, (path, answer.status_code)
        self.told.append(answer.data + str(answer.headers.get("Location", "")).encode())


@pytest.fixture
def valkey() -> Iterator[Path]:
    """A Valkey of this test alone; the folder of its socket and files, whose path is short."""
    with tempfile.TemporaryDirectory(prefix="sy-", ignore_cleanup_errors=True) as name:
        made = load(WHOLE | {"DATA_DIR": name, "REDIS_URL": ""})
        server = subprocess.Popen(valkey_command(made), stdout=subprocess.DEVNULL)
        try:
            wait_for_redis(made)
            yield Path(name)
        finally:
            server.terminate()
            server.wait(60)


@pytest.fixture
def events(process: None, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """All that would be sent to Sentry, as it would be."""
    kept: list[bytes] = []

    class Kept(sentry_sdk.transport.Transport):
        def capture_envelope(self, envelope: sentry_sdk.envelope.Envelope) -> None:
            kept.append(envelope.serialize())

    init = sentry_sdk.init
    monkeypatch.setattr(sentry_sdk, "init", lambda **options: init(transport=Kept, **options))
    return kept


def go_wrong(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Route a lead while each call fails in each way, then while the process itself fails."""
    shop, crm = scene.shop, scene.shop.crm_name
    lead = shop.place.lead(**LEAD)
    if isinstance(shop.place, SalesforcePlace):
        shop.place._update("Lead", lead, Phone=PHONE, Description=NOTE)
        shop.place.control.post(
            "refuse", {"code": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "sobject": "Lead", "message": SAID}
        )
    else:
        shop.place._update("contacts", lead, phone=PHONE, message=NOTE)
    shop.post([lead])
    for step in STEPS[crm]:
        for fault in FAULTS[crm]:
            shop.fault_at(step, **fault)
            shop.drain(hours=1)
    shop.place.control.delete("faults")
    with monkeypatch.context() as patch:
        patch.setattr("jobs.drain.decide", fail)
        shop.post([lead])
        shop.drain(hours=1)
    shop.retry()
    shop.drain(hours=6)


def fail(*_: object, **__: object) -> None:
    """What a library may raise: it quotes what it was given."""
    raise ValueError(SAID, {"email": LEAD["email"]})


def poison(shop: Shop) -> None:
    """Write rules that cannot be read, and say people's names."""
    shop.add_rule(POISONED, "rule", POISON)
    shop.drain(hours=1)


def crash_a_worker(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a job fail as often as it may, so that RQ writes down what it knows of it."""
    queue = Queue(QUEUE, connection=shop.redis, serializer="rq.serializers.JSONSerializer")
    monkeypatch.setattr("connector.services.drain", fail)
    Services.ring(shop, shop.install.id)
    Here([queue], connection=shop.redis, serializer="rq.serializers.JSONSerializer").work(burst=True)
    assert queue.failed_job_registry.count == 1


def visit(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask the web process for what it refuses and for what breaks it."""
    shop, install = scene.shop, scene.shop.install
    key = keys.issue(shop, install, name="x", scopes=["read"], by="u", expires=None).token
    code = support.make(shop, install, hours=1, by="u").code
    scene.secrets |= {key, key.rpartition("_")[2], code, code.replace("-", "")}
    person, bearer = browser(scene.app), {"Authorization": f"Bearer {key}"}
    scene.ask(
        person, "GET", "/oauth/hubspot/callback", query_string={"code": "code-tonatiuh", "state": "state-tonatiuh"}
    )
    scene.ask(person, "POST", "/api/v1/decisions/search", json={"email": LEAD["email"], "x": SAID}, headers=bearer)
    scene.ask(person, "PUT", f"/api/v1/roles/managers/{LEAD['first_name']}", headers=bearer)
    scene.ask(person, "GET", "/api/v1/status", headers={"Authorization": f"Bearer {key}x"})
    scene.ask(person, "POST", "/support", data={"code": code, "name": SAID})
    scene.ask(person, "GET", f"/{LEAD['last_name']}", query_string={"q": SAID})
    cookie = person.get_cookie("switchyard", domain="localhost")
    assert cookie is not None
    scene.secrets.add(cookie.value)
    with monkeypatch.context() as patch:
        patch.setattr(activity, "find", fail)
        patch.setitem(scene.app.config, "PROPAGATE_EXCEPTIONS", False)
        scene.ask(person, "POST", "/api/v1/decisions/search", json={"email": LEAD["email"]}, headers=bearer)
    body = batch(
        change(int(install.tenant_id) if install.tenant_id.isdigit() else 1, propertyValue=SAID, appId=7), {"x": SAID}
    )
    stamp = str(round(shop.clock().timestamp() * 1000))
    signer = shop.settings.hubspot_secrets[0]
    url = f"{shop.settings.public_url}/webhooks/hubspot"
    headers = {"X-HubSpot-Signature-v3": signature(body, timestamp=stamp, url=url, secret=signer)}
    headers |= {"X-HubSpot-Request-Timestamp": stamp, "Content-Type": "application/json"}
    assert (
        person.post("/webhooks/hubspot", data=body, headers=headers, base_url=shop.settings.public_url).status_code
        == 204
    )
    scene.ask(person, "POST", "/webhooks/hubspot", data=body + b" ", headers=headers)


def harvest(scene: Scene) -> set[str]:
    """All secrets that this install and this house have now."""
    shop, settings = scene.shop, scene.shop.settings
    grant = shop.vault._source(shop.install).good()
    unwrapped = shop.keyring._fernet.decrypt(shop.install.key)
    found = {grant.access_token, grant.refresh_token, "code-tonatiuh", "state-tonatiuh"}
    found |= {settings.session_secret.get_secret_value(), settings.encryption_keys.get_secret_value()}
    found |= {settings.hubspot_secrets[0], settings.salesforce_client_secret.get_secret_value()}
    found |= {settings.metrics_token.get_secret_value(), base64.b64encode(unwrapped).decode(), unwrapped.hex()}
    return found - {""}


@pytest.mark.parametrize("word", ["Ocelotzín & <1>", "abcdef+/=", "x y\nz"])
def test_the_hunt_finds_a_word_in_every_spelling(word: str) -> None:
    for number, spelt in enumerate(hunting.spellings(word)):
        assert hunting.found([word], {"here": b"..." + spelt + b"..."}), (number, spelt)
    for ahead in (b"", b"a", b"ab"):
        assert hunting.found([word], {"here": base64.b64encode(ahead + word.encode() + b"cd")})
    assert hunting.found([word], {"here": b"nothing of it"}) == []


@pytest.mark.threat("T23")
@pytest.mark.parametrize("crm", STEPS)
def test_nothing_of_a_lead_and_no_secret_is_found_anywhere_whatever_fails(
    open_shop: Open,
    crm: CrmName,
    *,
    valkey: Path,
    events: list[bytes],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    address = f"unix://{valkey / 'valkey.sock'}"
    dsn = "https://0123456789abcdef0123456789abcdef@sentry.example/1"
    shop = open_shop(crm, REDIS_URL=address, METRICS_TOKEN="metrics-huitzilopochtli", SENTRY_DSN=dsn)
    telemetry.start(
        shop.settings.model_copy(update={"sentry_traces_sample_rate": 1.0, "log_level": "DEBUG"}), process="x"
    )
    scene = Scene(shop, create_app(shop), events)
    scene.secrets |= harvest(scene)
    go_wrong(scene, monkeypatch)
    poison(shop)
    visit(scene, monkeypatch)
    crash_a_worker(shop, monkeypatch)
    scene.secrets |= harvest(scene)
    telemetry.flush()
    shop.redis.config_set("appendfsync", "always")
    shop.redis.set("switchyard:end", 1)
    places = {
        **{f"sentry {number}": each for number, each in enumerate(scene.events)},
        **{f"answer {number}": each for number, each in enumerate(scene.told)},
        **hunting.kept_in(shop.redis),
        **hunting.files(shop.settings.data_dir, valkey),
        "log": capsys.readouterr().err.encode(),
        "addresses": "\n".join(f"{call['path']}?{call['query']}" for call in shop.place.control.get("calls")).encode(),
    }
    kinds = {name.split()[0] for name in places}
    assert {"sentry", "answer", "redis", "log", "addresses"} <= kinds
    assert len(places["log"].splitlines()) > 20
    assert any(name.endswith("-wal") for name in places)
    assert "connector.services.drain" in str(places), "RQ's job is among what is searched"
    assert hunting.found(WORDS, places) == []
    assert hunting.found(scene.secrets, places) == []
