"""Many customers: portals in one local HubSpot; orgs that are a local Salesforce each, behind one Pub/Sub address."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent import futures
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import grpc
import requests

from tests.local.processes import Running, start_sandbox
from tests.local.world import Control
from tests.sandbox.hubspot.hub import DEFAULT_PORTAL
from tests.sandbox.salesforce.org import ADMIN_USER
from tests.sandbox.seed.fill import Plan, fill
from tests.sandbox.seed.targets import Hubspot, Salesforce
from tests.scale.hosts import OUTSIDE


@dataclass(frozen=True)
class Org:
    """One local Salesforce."""

    running: Running

    @property
    def url(self) -> str:
        """Where it is."""
        return str(self.running.ready["url"])

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.running.ready["org_id"])

    @property
    def control(self) -> Control:
        """Its control plane."""
        session = requests.Session()
        session.trust_env = False
        session.verify = self.running.ready["ca"]
        return Control(self.url, session)


@dataclass
class Crms:
    """The running CRMs: `portals` are ids of HubSpot's, `ca` a file with the authorities of all orgs."""

    hubspot: Running
    portals: list[str]
    orgs: list[Org]
    ca: Path
    pubsub: str
    _switchboard: grpc.Server

    @property
    def hubspot_control(self) -> Control:
        """The control plane of the local HubSpot."""
        session = requests.Session()
        session.trust_env = False
        return Control(self.hubspot.ready["url"], session)

    def admin_of(self, portal: str) -> str:
        """Return the user who may install apps in a portal."""
        listed = next(each for each in self.hubspot_control.get("portals") if str(each["portalId"]) == portal)
        return str(next(user["id"] for user in listed["users"] if user["admin"]))

    def variables(self) -> dict[str, str]:
        """Return the product's settings that say where they are."""
        first, hubspot = self.orgs[0], self.hubspot.ready
        return {
            "SALESFORCE_CLIENT_ID": first.running.ready["client_id"],
            "SALESFORCE_CLIENT_SECRET": first.running.ready["client_secret"],
            "SALESFORCE_LOGIN_URL": first.url,
            "SALESFORCE_TEST_LOGIN_URL": first.url,
            "SALESFORCE_EXTRA_HOSTS": ",".join(each.url.removeprefix("https://") for each in self.orgs),
            "SALESFORCE_PUBSUB": self.pubsub,
            "SALESFORCE_CA_FILE": str(self.ca),
            "HUBSPOT_CLIENT_ID": hubspot["client_id"],
            "HUBSPOT_CLIENT_SECRET": hubspot["client_secret"],
            "HUBSPOT_APP_ID": str(hubspot["app_id"]),
            "HUBSPOT_AUTHORIZE_URL": f"{hubspot['url']}/oauth/authorize",
            "HUBSPOT_API_URL": hubspot["url"],
        }

    def stop(self) -> None:
        """End them."""
        self._switchboard.stop(grace=0.2).wait()
        for each in (self.hubspot, *(org.running for org in self.orgs)):
            each.stop()


def begin(directory: Path, *, portals: int, orgs: int, accounts: int, port: int, web: str) -> Crms:
    """Start and fill the CRMs; webhooks go to `web` (an address), signed for ``http://localhost:port``."""
    public = f"http://localhost:{port}"
    started = [_org(directory / f"org{number}", public) for number in range(orgs)]
    hubspot = start_sandbox(
        "tests.sandbox.hubspot",
        *("--dir", str(directory / "hubspot"), "--host", OUTSIDE, "--retry-scale", "0.05"),
        *("--redirect-uri", f"{public}/oauth/hubspot/callback"),
        *("--webhook-url", f"http://{web}:{port}/webhooks/hubspot"),
        *("--public-webhook-url", f"{public}/webhooks/hubspot"),
        log=directory / "hubspot.log",
    )
    ca = directory / "authorities.pem"
    ca.write_bytes(b"".join(Path(each.running.ready["ca"]).read_bytes() for each in started))
    board, place = switchboard(started, directory / "org0")
    crms = Crms(hubspot, [str(DEFAULT_PORTAL)], started, ca, place, board)
    control = crms.hubspot_control
    for number in range(1, portals):
        crms.portals.append(
            str(control.post("portals", {"tier": "enterprise", "name": f"Portal {number}"})["portalId"])
        )
    plan = Plan(accounts=accounts, total=accounts, contacts=0, opportunities=0)
    for portal in crms.portals:
        fill(Hubspot(hubspot.ready["url"], int(portal)), plan)
    for org in started:
        fill(Salesforce(org.url, Path(org.running.ready["ca"])), plan)
    return crms


def _org(directory: Path, public: str) -> Org:
    directory.mkdir(parents=True)
    arguments = ("--dir", str(directory), "--host", OUTSIDE, "--redirect-uri", f"{public}/oauth/salesforce/callback")
    return Org(start_sandbox("tests.sandbox.salesforce", *arguments, log=directory / "log"))


def grant_code(url: str, ca: str | None, **answers: str) -> str:
    """Have an admin say yes on a CRM's own page, and return the code that it sends back."""
    session = requests.Session()
    session.trust_env = False
    parts = urlsplit(url)
    data = dict(parse_qsl(parts.query)) | {"decision": "allow"} | answers
    page = parts._replace(query="").geturl()
    answer = session.post(page, data=data, allow_redirects=False, timeout=60, verify=ca or True)
    if not answer.is_redirect:
        raise LookupError(f"nobody was let in at {page}: {answer.status_code} {answer.text[:300]}")
    return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))["code"]


ORG_ADMIN = ADMIN_USER


def switchboard(orgs: Sequence[Org], certificates: Path) -> tuple[grpc.Server, str]:
    """Serve one Pub/Sub address for all orgs, as Salesforce does; each call goes on to the org that it names."""
    pool = futures.ThreadPoolExecutor(max_workers=8 + 4 * len(orgs), thread_name_prefix="switchboard")
    server = grpc.server(pool, options=[("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers((_Switchboard(orgs),))
    key, chain = ((certificates / name).read_bytes() for name in ("key.pem", "chain.pem"))
    port = server.add_secure_port(f"{OUTSIDE}:0", grpc.ssl_server_credentials([(key, chain)]))
    server.start()
    return server, f"{OUTSIDE}:{port}"


class _Switchboard(grpc.GenericRpcHandler):
    """Passes calls on as bytes, with their metadata."""

    def __init__(self, orgs: Sequence[Org]) -> None:
        self._channels = {
            each.id: grpc.secure_channel(
                each.running.ready["pubsub"],
                grpc.ssl_channel_credentials(Path(each.running.ready["ca"]).read_bytes()),
            )
            for each in orgs
        }

    def service(self, handler_call_details: Any) -> Any:
        """Return what passes a call on."""
        method, metadata = handler_call_details.method, handler_call_details.invocation_metadata
        channel = self._channels[dict(metadata)["tenantid"]]
        if method.endswith("/Subscribe"):
            return grpc.stream_stream_rpc_method_handler(partial(_stream, channel.stream_stream(method)))
        return grpc.unary_unary_rpc_method_handler(partial(_one, channel.unary_unary(method)))


def _stream(ask: Any, given: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
    call = ask(given, metadata=_passed(context))
    context.add_callback(call.cancel)
    try:
        yield from call
    except grpc.RpcError as error:
        _refuse(context, error)


def _one(ask: Any, given: bytes, context: grpc.ServicerContext) -> bytes:
    try:
        answer: bytes = ask(given, metadata=_passed(context))
    except grpc.RpcError as error:
        _refuse(context, error)
        raise
    return answer


def _passed(context: grpc.ServicerContext) -> tuple[tuple[str, str | bytes], ...]:
    return tuple((key, value) for key, value in context.invocation_metadata() if key != "user-agent")


def _refuse(context: grpc.ServicerContext, error: Any) -> None:
    context.set_trailing_metadata(tuple(error.trailing_metadata() or ()))
    context.abort(error.code(), error.details())
