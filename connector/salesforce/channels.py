"""The connections to the Pub/Sub API: TLS, and one HTTP/2 connection for many orgs' streams.

Source: Pub/Sub API guide "Allocations": at most 1,000 streams a channel. An HTTP/2 server may allow fewer a connection
([U] how many Salesforce allows; 100 is what servers usually say), and gRPC lets a call beyond that wait in silence, so
SALESFORCE_STREAMS_PER_CHANNEL stays well below: the questions about schemas need room too.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import grpc
from certifi import where as system_roots

from connector.crm import Token
from connector.settings import Settings

_MAX_MESSAGE = 32 * 1024 * 1024
_OPTIONS = (
    ("grpc.enable_http_proxy", 0),
    ("grpc.max_receive_message_length", _MAX_MESSAGE),
    # Without its own pool a channel shares the connection of every other channel to the same address.
    ("grpc.use_local_subchannel_pool", 1),
)


@dataclass(slots=True)
class _Wire:
    """One connection and how many streams it carries."""

    channel: grpc.aio.Channel
    streams: int = 0


class Channels:
    """The connections of one event loop, shared by the streams of many orgs; one that carries none is closed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._wires: list[_Wire] = []

    @property
    def streams(self) -> tuple[int, ...]:
        """How many streams each connection carries."""
        return tuple(each.streams for each in self._wires)

    @contextlib.asynccontextmanager
    async def seat(self) -> AsyncIterator[grpc.aio.Channel]:
        """Give room for one stream on a connection, a new one when all are full."""
        most = self._settings.salesforce_streams_per_channel
        wire = next((each for each in self._wires if each.streams < most), None)
        if wire is None:
            target = self._settings.salesforce_pubsub
            wire = _Wire(grpc.aio.secure_channel(target, _trusted(self._settings), options=_OPTIONS))
            self._wires.append(wire)
        wire.streams += 1
        try:
            yield wire.channel
        finally:
            wire.streams -= 1
            if not wire.streams:
                self._wires.remove(wire)
                await wire.channel.close()


def open_channel(settings: Settings) -> grpc.Channel:
    """Open a connection for a few blocking calls; close it when done."""
    return grpc.secure_channel(settings.salesforce_pubsub, _trusted(settings), options=_OPTIONS)


def credentials(token: Token, org_id: str) -> tuple[tuple[str, str], ...]:
    """Return the headers that every call carries; `org_id` with 18 characters."""
    return (("accesstoken", token.access_token), ("instanceurl", token.base_url), ("tenantid", org_id))


def _trusted(settings: Settings) -> grpc.ChannelCredentials:
    """Name the root certificates outright, or GRPC_DEFAULT_SSL_ROOTS_FILE_PATH would silently replace them."""
    roots = settings.salesforce_ca_file or system_roots()
    return grpc.ssl_channel_credentials(root_certificates=Path(roots).read_bytes())
