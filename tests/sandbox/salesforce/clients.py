"""Real clients for the tests: a browser's part of OAuth, simple-salesforce, and a Pub/Sub subscriber."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import queue
import secrets
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import fastavro
import grpc
import requests
from simple_salesforce.api import Salesforce

from connector.salesforce.pb import pubsub_api_pb2 as pb
from connector.salesforce.pb import pubsub_api_pb2_grpc as pb_grpc

from .org import INTEGRATION_USER
from .server import REDIRECT_URIS

if TYPE_CHECKING:
    from .server import Sandbox

REDIRECT = REDIRECT_URIS[0]
SCOPE = "api refresh_token id"


def browser(sandbox: Sandbox) -> requests.Session:
    """A session that trusts the sandbox and follows no proxy."""
    session = requests.Session()
    session.verify = str(sandbox.ca)
    session.trust_env = False
    return session


def pkce() -> tuple[str, str]:
    """A fresh verifier and its S256 challenge."""
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    return verifier, base64.urlsafe_b64encode(digest).decode().rstrip("=")


def allow(sandbox: Sandbox, *, user: str = INTEGRATION_USER, decision: str = "allow", **changes: str) -> dict[str, str]:
    """Press the button on the authorize page; returns the parameters that the callback gets."""
    form = {
        "response_type": "code",
        "client_id": sandbox.client_id,
        "redirect_uri": REDIRECT,
        "scope": SCOPE,
        "state": "s1",
        "code_challenge_method": "S256",
        "username": user,
        "decision": decision,
        **changes,
    }
    form = {name: value for name, value in form.items() if value}
    url = f"{sandbox.url}/services/oauth2/authorize"
    answer = browser(sandbox).post(url, data=form, allow_redirects=False, timeout=10)
    if answer.status_code != 302:
        return {"page": answer.text}
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def token_call(sandbox: Sandbox, **form: str) -> requests.Response:
    """POST to the token endpoint with the client's id and secret."""
    data = {"client_id": sandbox.client_id, "client_secret": sandbox.client_secret, **form}
    return browser(sandbox).post(f"{sandbox.url}/services/oauth2/token", data=data, timeout=10)


def connect(sandbox: Sandbox, *, user: str = INTEGRATION_USER, scope: str = SCOPE) -> dict[str, Any]:
    """The whole install: authorize and trade the code; returns the token answer."""
    verifier, challenge = pkce()
    back = allow(sandbox, user=user, scope=scope, code_challenge=challenge)
    answer = token_call(
        sandbox, grant_type="authorization_code", code=back["code"], redirect_uri=REDIRECT, code_verifier=verifier
    )
    answer.raise_for_status()
    tokens: dict[str, Any] = answer.json()
    return tokens


def salesforce(sandbox: Sandbox, *, user: str = INTEGRATION_USER) -> Any:
    """A connected simple-salesforce client."""
    tokens = connect(sandbox, user=user)
    return Salesforce(
        instance_url=tokens["instance_url"],
        session_id=tokens["access_token"],
        session=browser(sandbox),
        version="66.0",
    )


def content(caught: Any) -> Any:
    """The parsed body of the error that pytest.raises caught."""
    return caught.value.content


def org_id(sf: Any) -> str:
    """The 18-character org id, as the API tells it."""
    return str(sf.query("SELECT Id FROM Organization")["records"][0]["Id"])


class Subscriber:
    """A Pub/Sub stream whose responses come out of a queue."""

    def __init__(self, sandbox: Sandbox, token: str, tenant: str, *, url: str | None = None) -> None:
        credentials = grpc.ssl_channel_credentials(sandbox.ca.read_bytes())
        self._channel = grpc.secure_channel(sandbox.pubsub, credentials)
        self.stub: Any = pb_grpc.PubSubStub(self._channel)  # type: ignore[no-untyped-call]
        self.metadata = (("accesstoken", token), ("instanceurl", url or sandbox.url), ("tenantid", tenant))
        self._requests: queue.Queue[pb.FetchRequest | None] = queue.Queue()
        self.responses: queue.Queue[Any] = queue.Queue()
        self._schemas: dict[str, Any] = {}
        self._call: Any = None

    def subscribe(
        self, topic: str, *, preset: pb.ReplayPreset = pb.ReplayPreset.LATEST, replay: bytes = b"", count: int = 100
    ) -> Subscriber:
        """Open the stream and ask for `count` events."""
        self.ask(count, topic, preset=preset, replay=replay)
        self._call = self.stub.Subscribe(iter(self._requests.get, None), metadata=self.metadata)
        threading.Thread(target=self._pump, daemon=True).start()
        return self

    def ask(
        self, count: int, topic: str, *, preset: pb.ReplayPreset = pb.ReplayPreset.LATEST, replay: bytes = b""
    ) -> None:
        """Ask for more events."""
        self._requests.put(
            pb.FetchRequest(topic_name=topic, replay_preset=preset, replay_id=replay, num_requested=count)
        )

    def _pump(self) -> None:
        try:
            for response in self._call:
                self.responses.put(response)
        except grpc.RpcError as error:
            self.responses.put(error)

    def batch(self, seconds: float = 5) -> pb.FetchResponse:
        """The next response; an error of the stream is raised."""
        response: pb.FetchResponse | grpc.RpcError = self.responses.get(timeout=seconds)
        if isinstance(response, grpc.RpcError):
            raise response
        return response

    def error(self, seconds: float = 5) -> tuple[grpc.StatusCode, str | None]:
        """The status and error code that the stream ends with."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            response = self.responses.get(timeout=seconds)
            if isinstance(response, grpc.RpcError):
                return response.code(), _trailer(response)
        message = "the stream did not end"
        raise AssertionError(message)

    def events(self, count: int, seconds: float = 5) -> list[dict[str, Any]]:
        """The next `count` events, decoded."""
        found: list[dict[str, Any]] = []
        while len(found) < count:
            found += [self.decode(event) for event in self.batch(seconds).events]
        return found

    def schema(self, schema_id: str) -> dict[str, Any]:
        """An Avro schema as JSON."""
        info = self.stub.GetSchema(pb.SchemaRequest(schema_id=schema_id), metadata=self.metadata)
        schema: dict[str, Any] = json.loads(info.schema_json)
        return schema

    def decode(self, event: pb.ConsumerEvent) -> dict[str, Any]:
        """One event as a dict, with its replay id."""
        identity = event.event.schema_id
        if identity not in self._schemas:
            self._schemas[identity] = fastavro.parse_schema(self.schema(identity))
        body: Any = fastavro.schemaless_reader(io.BytesIO(event.event.payload), self._schemas[identity], None)
        return {**body, "replay_id": event.replay_id}

    def close(self) -> None:
        """Cancel the stream."""
        if self._call is not None:
            self._call.cancel()
        self._channel.close()


def _trailer(error: Any) -> str | None:
    found = [str(value) for key, value in error.trailing_metadata() or () if key == "error-code"]
    return found[0] if found else None


def subscriber(sandbox: Sandbox, sf: Any) -> Subscriber:
    """A subscriber with a client's token."""
    return Subscriber(sandbox, str(sf.session_id), org_id(sf))


def until(condition: Any, seconds: float = 5) -> Any:
    """Poll until `condition()` is true, or fail."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        threading.Event().wait(0.005)
    message = "the condition did not come true"
    raise AssertionError(message)
