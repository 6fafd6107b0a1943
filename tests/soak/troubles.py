"""What goes wrong while people work: streams, tokens, events, quotas, processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import update

from connector.store import cursors, streams
from jobs.streams import TOPIC
from tests.soak.ground import utc_now
from tests.soak.people import People
from tests.soak.place import Place

UNAVAILABLE = "sfdc.platform.eventbus.grpc.service.unavailable"
NEVER = 1_000_000
SEEN_SECONDS = 300.0


@dataclass
class Troubles:
    """Orders trouble. `large` is how many records a mass change has: more than one transaction's events may tell of."""

    place: Place
    people: People
    large: int = 300
    meanwhile: int = 8

    def __post_init__(self) -> None:
        """Have Salesforce give up telling of single records in a large transaction."""
        self.place.control.post("settings", {"overflow_limit": self.large - 1})

    @property
    def kinds(self) -> Mapping[str, Callable[[], None]]:
        """Every kind of trouble by its name."""
        return {
            "stream cut": self.cut,
            "token expired": self.expire_token,
            "renewal failed once": self.fail_renewal,
            "gap events": self.gaps,
            "answer lost": self.lose_answers,
            "overflow": self.overflow,
            "worker killed": lambda: self.place.kill("worker"),
            "place lost": self.lose_place,
            "quota used up": self.use_up_quota,
            "listener killed": lambda: self.place.kill("listener"),
            "Redis emptied": self.place.empty_redis,
        }

    def cut(self) -> None:
        """Break the stream off, and refuse the next attempt."""
        self._stream(cut=True)
        self._stream(error_code=UNAVAILABLE, refuse=1)

    def expire_token(self) -> None:
        """Have the access token die under the stream and the worker; the next refresh rotates the refresh token."""
        self.place.control.post("expire", {})

    def fail_renewal(self) -> None:
        """The same while the token endpoint is down for a moment."""
        fault = {"pattern": "POST /services/oauth2/token", "status": 503, "body": "busy", "times": 1}
        self.place.control.post("faults", fault)
        self.place.control.post("expire", {})

    def gaps(self) -> None:
        """Tell of records by gap events only."""
        ids = self.people.import_in_silence(20)
        self._stream(gap={"sobject": "Lead", "ids": ids, "kind": "GAP_CREATE"})
        self._stream(gap={"sobject": "Lead", "ids": self.people.alive[:20], "kind": "GAP_UPDATE"})

    def lose_answers(self) -> None:
        """Apply graphs and never answer: nobody can know whether they were."""
        self.place.control.post("faults", {"pattern": "POST .*/composite/graph", "drop": "after", "times": 2})

    def overflow(self) -> None:
        """Create and delete more at once than events tell of."""
        self.people.create_many(self.large)
        self.people.delete_many(self.large)

    def lose_place(self) -> None:
        """Have events expire that nobody has heard, deletions and merges among them."""
        self._stream(error_code=UNAVAILABLE, refuse=NEVER)
        stood = self.stands_at()
        for _ in range(self.meanwhile):
            self.people.act()
        self.people.delete_many(10)
        self._stream(expire_before=True)
        self._stream(cut=True)
        self.place.wait(lambda: self.stands_at() != stood, SEEN_SECONDS, "the stream going on")

    def use_up_quota(self) -> None:
        """Have the org get no events while people work; they are found by asking. Then the allowance is back."""
        settings = self.place.control.get("settings")
        self.place.control.post("settings", {"delivery_limit": max(1, settings["delivered"])})
        self._until_standing("polling")
        for _ in range(self.meanwhile):
            self.people.act()
        (found,) = self.people.create_many(1)
        self.people.delete_many(10)
        self.place.wait(lambda: self.place.eye.is_answered(found), SEEN_SECONDS, "a lead found by asking")
        self.place.control.post("settings", {"delivery_limit": settings["delivery_limit"]})
        # Hours later: the listener tries again when it said it would.
        with self.place.database.write() as connection:
            connection.execute(update(streams.stream).values(next_try=utc_now()))
        self.place.kill("listener")
        self._until_standing("live")

    def _until_standing(self, standing: str) -> None:
        def stands() -> bool:
            with self.place.database.read() as connection:
                found = streams.get(connection, self.place.install.id)
                return found is not None and found.standing == standing

        self.place.wait(stands, SEEN_SECONDS, f"the stream {standing}")

    def stands_at(self) -> bytes:
        """Return how far the stream was stored, nothing before it was read for the first time."""
        with self.place.database.read() as connection:
            found = cursors.get(connection, self.place.install.id, TOPIC)
        return found[0] if found else b""

    def _stream(self, **order: object) -> None:
        self.place.control.post("stream", order)
