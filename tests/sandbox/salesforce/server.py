"""Starts and stops a sandbox: certificates, ports, the HTTPS server and the Pub/Sub server."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import trustme

from tests.sandbox.control import LOOPBACK, Control, serve

from .acts import Acts
from .loading import load
from .org import CLIENT_ID, CLIENT_SECRET, Org
from .package import MANIFEST
from .pubsub import serve_pubsub
from .streams import Streams
from .web import make_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

REDIRECT_URIS = (
    "http://localhost:5000/oauth/salesforce/callback",
    "http://localhost:8000/oauth/salesforce/callback",
    "https://localhost:8443/oauth/salesforce/callback",
)


@dataclass
class Sandbox:
    """A running local Salesforce; `acts` is the person at its screen."""

    url: str
    pubsub: str
    ca: Path
    client_id: str
    client_secret: str
    org: Org
    control: Control
    streams: Streams
    acts: Acts
    stop: Callable[[], None]

    def load(self, sobject: str, rows: Iterable[Mapping[str, Any]], *, silent: bool = True) -> list[str]:
        """Insert rows fast, without rules; returns their ids in order."""
        return load(self.org, sobject, rows, silent=silent)[0]

    def rows(self, sobject: str) -> list[dict[str, Any]]:
        """Every row of an object, deleted ones too."""
        return self.org.rows(sobject)

    def ready(self) -> str:
        """The JSON line that says where everything is."""
        keys = ("url", "pubsub", "client_id", "client_secret")
        return json.dumps({**{key: getattr(self, key) for key in keys}, "ca": str(self.ca), "org_id": self.org.org_id})


def start(
    directory: Path,
    *,
    host: str = LOOPBACK,
    port: int = 0,
    grpc_port: int = 0,
    redirect_uris: Sequence[str] = REDIRECT_URIS,
    manifest: Path = MANIFEST,
    settings: Mapping[str, Any] | None = None,
) -> Sandbox:
    """Start a sandbox on `host`; in the same directory it keeps its data, CA and (unless told others) ports."""
    directory.mkdir(parents=True, exist_ok=True)
    tls = _certificates(directory, host)
    name = "localhost" if host == LOOPBACK else host
    ports = _ports(directory)
    org = Org(directory, manifest, redirect_uris)
    org.settings.change(dict(settings or {}))
    control, streams = Control(), Streams()
    app, queries = make_app(org, streams, control)
    running = serve(app, host=host, port=port or ports.get("http") or _free_port(), tls=tls)
    org.base_url = f"https://{name}:{running.port}"
    grpc_server, bound = serve_pubsub(org, streams, host=host, port=grpc_port or ports.get("grpc", 0), tls=tls)
    (directory / "ports.json").write_text(json.dumps({"http": running.port, "grpc": bound}))

    def stop() -> None:
        org.bus.close()
        grpc_server.stop(grace=0.2).wait()
        running.stop()
        queries.close()
        org.close()

    return Sandbox(
        url=org.base_url,
        pubsub=f"{name}:{bound}",
        ca=directory / "ca.pem",
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        org=org,
        control=control,
        streams=streams,
        acts=Acts(org),
        stop=stop,
    )


def _free_port() -> int:
    """A port that is free now: only a server that was told its port can take it again right after a restart."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _ports(directory: Path) -> dict[str, int]:
    path = directory / "ports.json"
    if not path.exists():
        return {}
    ports: dict[str, int] = json.loads(path.read_text())
    return ports


def _certificates(directory: Path, host: str = LOOPBACK) -> tuple[Path, Path]:
    """The certificate chain and key of localhost and `host`, signed by the directory's own CA; made once."""
    chain, key, ca_file = (directory / name for name in ("chain.pem", "key.pem", "ca.pem"))
    if not chain.exists() or not ca_file.exists():
        ca = trustme.CA(organization_name="Switchyard sandbox: Salesforce")
        leaf = ca.issue_cert(*dict.fromkeys(("localhost", LOOPBACK, host)))
        chain.write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
        key.write_bytes(leaf.private_key_pem.bytes())
        key.chmod(0o600)
        ca.cert_pem.write_to_path(str(ca_file))
    return chain, key
