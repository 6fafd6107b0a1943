"""A fresh local HubSpot for each test, a client with a token, and a server that receives webhooks."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import requests
from flask import Flask, Response, request

from tests.sandbox.control import serve
from tests.sandbox.hubspot import Sandbox, start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OBJECTS = "/crm/objects/2026-09"
CONTACTS = f"{OBJECTS}/contacts"
COMPANIES = f"{OBJECTS}/companies"
LEADS = f"{OBJECTS}/leads"
ASSOCIATIONS = "/crm/associations/2026-09"


def until(condition: Callable[[], Any], seconds: float = 10.0) -> Any:
    """Wait until `condition` gives something true and return that; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.01)
    pytest.fail("what was waited for did not happen")


@dataclass
class Client:
    """Speaks to one sandbox over a socket, with a token of one portal."""

    sandbox: Sandbox
    portal: int
    token: str
    session: requests.Session = field(default_factory=requests.Session)

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"{self.sandbox.url}{path}"
        return self.session.request(method, url, json=body, headers=headers, timeout=30, **more)

    def get(self, path: str, **params: Any) -> requests.Response:
        return self.call("GET", path, params=params)

    def post(self, path: str, body: Any) -> requests.Response:
        return self.call("POST", path, body)

    def order(self, what: str, **body: Any) -> Any:
        """Give an order to the control plane; `portalId` is this client's unless given."""
        answer = self.session.post(
            f"{self.sandbox.url}/_control/{what}", json={"portalId": self.portal, **body}, timeout=30
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def turn(self, what: str, **body: Any) -> Any:
        """Turn a setting that holds for all portals."""
        answer = self.session.post(f"{self.sandbox.url}/_control/{what}", json=body, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def create(self, path: str, associations: list[dict[str, Any]] | None = None, **properties: Any) -> str:
        """Create a record and return its id."""
        answer = self.post(path, {"properties": properties, "associations": associations or []})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def search(self, path: str, *filters: dict[str, Any], **more: Any) -> list[str]:
        """Return the ids that a search of one filter group finds."""
        answer = self.post(f"{path}/search", {"filterGroups": [{"filters": list(filters)}], **more})
        assert answer.status_code == 200, answer.text
        return [str(one["id"]) for one in answer.json()["results"]]


def spec(type_id: int, category: str = "HUBSPOT_DEFINED") -> dict[str, Any]:
    return {"associationCategory": category, "associationTypeId": type_id}


def link_to(ident: str, *type_ids: int) -> dict[str, Any]:
    return {"to": {"id": ident}, "types": [spec(type_id) for type_id in type_ids]}


def has(name: str, operator: str, value: Any = None, **more: Any) -> dict[str, Any]:
    return {"propertyName": name, "operator": operator, **({} if value is None else {"value": value}), **more}


@dataclass
class Delivery:
    """One webhook request as it arrived."""

    headers: dict[str, str]
    raw: bytes
    events: list[dict[str, Any]]


@dataclass
class Receiver:
    """Receives webhooks; answers with the next of `answers`, then 200."""

    deliveries: list[Delivery] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    delay: float = 0.0
    busiest: int = 0
    url: str = ""
    _busy: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def clear(self) -> None:
        self.deliveries, self.answers, self.delay, self.busiest = [], [], 0.0, 0

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for delivery in list(self.deliveries) for event in delivery.events]

    def of(self, kind: str, **wanted: Any) -> list[dict[str, Any]]:
        """Return the events of one subscription type with these values."""
        return [
            event
            for event in self.events
            if event["subscriptionType"] == kind and all(event.get(key) == value for key, value in wanted.items())
        ]

    def take(self) -> Response:
        with self._lock:
            self._busy += 1
            self.busiest = max(self.busiest, self._busy)
            raw = request.get_data()
            self.deliveries.append(Delivery(dict(request.headers), raw, json.loads(raw)))
            status = self.answers.pop(0) if self.answers else 200
        time.sleep(self.delay)
        with self._lock:
            self._busy -= 1
        return Response(status=status)


@pytest.fixture(scope="session")
def listening() -> Iterator[Receiver]:
    app, receiver = Flask("receiver"), Receiver()
    app.add_url_rule("/webhooks/hubspot", "take", receiver.take, methods=["POST"])
    running = serve(app, threads=20)
    receiver.url = f"http://127.0.0.1:{running.port}/webhooks/hubspot"
    yield receiver
    running.stop()


@pytest.fixture
def receiver(listening: Receiver) -> Receiver:
    # A request whose sender gave up may still be in here.
    until(lambda: listening._busy == 0)
    listening.clear()
    return listening


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    running = start(
        tmp_path_factory.mktemp("hubspot"),
        redirect_uris=["http://127.0.0.1:5000/back"],
    )
    yield running
    running.stop()


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.reset()
    return running


@pytest.fixture
def client(sandbox: Sandbox) -> Client:
    sandbox.hub.limits.order({"general": None, "search": None, "associations": None})
    return Client(sandbox, sandbox.portal, sandbox.install()["access_token"])


@pytest.fixture
def listened(client: Client, receiver: Receiver) -> Client:
    """A client whose changes are told to the receiver."""
    client.turn("webhooks", url=receiver.url, retry_scale=0.0005)
    return client
