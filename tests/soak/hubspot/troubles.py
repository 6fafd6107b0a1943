"""What goes wrong while people work in HubSpot: webhooks, tokens, limits, locks, answers, processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jobs import policy
from tests.local.person import Person
from tests.local.processes import until
from tests.soak.ground import utc_now
from tests.soak.hubspot.people import Teams
from tests.soak.hubspot.place import Portals

SEEN_SECONDS = 300.0
TOKEN = "POST /oauth/.*/token"
WRITES = (
    "POST .*/contacts/batch/update",
    "POST .*/(tasks|0-27)/batch/create",
    "POST .*/(notes|0-46|2-[0-9]+)/batch/create",
    "POST .*/associations/.*/batch/create",
)
LIMIT: dict[str, Any] = {
    "status": "error",
    "message": "You have reached your ten_secondly_rolling limit.",
    "errorType": "RATE_LIMIT",
    "policyName": "TEN_SECONDLY_ROLLING",
}
OURS_STATUS = 400
OURS = {"status": "BAD_CLIENT_ID", "error": "invalid_client", "message": "missing or invalid client id"}


@dataclass
class Troubles:
    """Orders trouble; `meanwhile` is how often people act while it lasts."""

    place: Portals
    people: Teams
    meanwhile: int = 8

    @property
    def kinds(self) -> Mapping[str, Callable[[], None]]:
        """Every kind of trouble by its name."""
        return {
            "webhooks doubled": lambda: self._webhooks(duplicate=40),
            "webhooks late": self.late,
            "token expired": self.expire_token,
            "renewal failed once": lambda: self.expire_token(status=503, body="busy"),
            "renewal refused by a fault of theirs": self.refuse_renewal,
            "rate limit": self.limit,
            "records locked": lambda: self._faults(WRITES, status=423, body={"message": "locked"}),
            "portal moving": lambda: self._faults(["POST .*/batch/read"], status=477, headers={"Retry-After": "2"}),
            "bad gateway": lambda: self._faults(
                [*WRITES, "POST .*/search"], status=502, body="<html>bad gateway</html>"
            ),
            "answers lost": lambda: self._faults(WRITES, drop="after"),
            "webhooks lost": self.lose_webhooks,
            "worker killed": lambda: self.place.kill("worker"),
            "web killed": self.lose_web,
            "second worker killed": self.place.lose_second_worker,
            "Redis emptied": self.place.empty_redis,
            "search behind": self.lag,
            "people erased": self.erase,
        }

    def late(self) -> None:
        """Have events leave seconds after what they tell of, when the record is another by then."""
        self._webhooks(delay=2.0)
        self._act()
        self._webhooks(delay=0.0)

    def expire_token(self, **fault: Any) -> None:
        """Have the access tokens die under the workers; the next renewal goes wrong once, where `fault` says how."""
        if fault:
            self._faults([TOKEN], **fault)
        self.place.control.post("expire", {})

    def refuse_renewal(self) -> None:
        """Have a renewal refused as if our own credentials were wrong; a quarter of an hour later they are right."""
        before = self._refusals()
        self.expire_token(status=OURS_STATUS, body=OURS)
        self._act()
        self.place.wait(lambda: self._refusals() > before, SEEN_SECONDS, "a renewal refused")
        if not self.place.hurried:
            until(self._misconfigured, seconds=SEEN_SECONDS, what="a pause for it", every=0.25)
            self.place.hurry()

    def _refusals(self) -> int:
        calls = self.place.control.get("calls")
        return sum(call["status"] == OURS_STATUS and call["path"].endswith("/token") for call in calls)

    def _misconfigured(self) -> bool:
        with self.place.database.read() as connection:
            quiet = [policy.quiet(connection, each.id, now=utc_now()) for each in self.place.installs]
        return any(each is not None and OURS["error"] in each.reason for each in quiet)

    def limit(self) -> None:
        """Refuse calls for their number, with and without a word of how long."""
        self._faults(["POST .*/batch/read"], status=429, body=LIMIT, headers={"Retry-After": "1"})
        self._faults(["POST .*/batch/update"], status=429, body=LIMIT)

    def lose_web(self) -> None:
        """Have nobody take webhooks for a while: HubSpot tries them again, under a new attempt's number."""
        self._webhooks(held=True)
        self._act()
        self._webhooks(held=False)
        self.place.kill("web")
        self.place.product.wait_until_ready(Person(self.place.product.world))

    def lose_webhooks(self) -> None:
        """Have events given up that nobody has heard, deletions and merges among them, and contacts without any.

        Not privacy deletions: nothing but the journal could tell of them.
        """
        self.place.wait(self.place.is_told, SEEN_SECONDS, "all webhooks delivered")
        self._webhooks(held=True)
        for team in self.people.each:
            team.may_erase = False
        self._act()
        found = [each for team in self.people.each for each in team.import_in_silence(10)]
        self.place.control.delete("deliveries")
        for team in self.people.each:
            team.may_erase = True
        self._webhooks(held=False)
        self.place.have_compared()
        self.place.wait(lambda: self._decided(found), SEEN_SECONDS, "contacts found by comparing")

    def erase(self) -> None:
        """Have people erased in every portal, known ones and those that nobody has decided about yet."""
        for team in self.people.each:
            team.erase_many(3)

    def lag(self) -> None:
        """Have search be seconds behind what is written; the next time it is not."""
        lag = self.place.control.post("settings", {})["search_lag"]
        self.place.control.post("settings", {"search_lag": 0.0 if lag else 2.0, "shuffle_results": True})

    def _decided(self, ids: list[str]) -> bool:
        """Whether each of these has our stamp."""
        return all(
            row["properties"].get("switchyard_decision")
            for team in self.people.each
            for row in self.place.control.get("rows/contacts", portalId=team.portal)
            if row["id"] in ids
        )

    def _act(self) -> None:
        for _ in range(self.meanwhile):
            self.people.act()

    def _faults(self, patterns: list[str] | tuple[str, ...], **fault: Any) -> None:
        self.place.control.post("faults", [{"pattern": each, **fault} for each in patterns])

    def _webhooks(self, **values: Any) -> None:
        self.place.control.post("webhooks", values)
