"""The event stream of the local Salesforce: what people and we ourselves do comes out as our events."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connector.crm import Token
from connector.errors import Exhausted, Later, Next, Refused
from connector.rows import RuleRow
from connector.salesforce.channels import Channels
from connector.salesforce.gateway import SalesforceCrm
from connector.salesforce.pubsub import Batch, Stream, topic
from connector.salesforce.schemas import Schemas
from connector.salesforce.session import Session
from rules.model import Assign, Event, User
from tests.connector.salesforce.conftest import LocalOrg
from tests.connector.salesforce.examples import decision, work
from tests.connector.salesforce.signed_in import Tokens

SECONDS = 20


class Listener:
    """A stream read in the background; `until` waits for an event."""

    def __init__(self, org: LocalOrg, tokens: Tokens, **parts: Any) -> None:
        where = org.settings()
        who = Session(tokens, settings=where).who()
        shared: dict[str, Any] = {"channels": Channels(where), "schemas": Schemas()}
        self.stream = Stream(tokens, settings=where, org_id=str(who["organization_id"]), **(shared | parts))
        self.error: Next | None = None
        self.place = b""
        self._loop = asyncio.new_event_loop()
        self._events: queue.Queue[Event] = queue.Queue()
        self._batches: queue.Queue[Batch] = queue.Queue()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._listen())

    async def _listen(self) -> None:
        try:
            async for batch in self.stream.batches():
                self.place = batch.replay_id
                self._batches.put(batch)
                for event in batch.events:
                    self._events.put(event)
        except Next as error:
            self.error = error

    def close(self) -> None:
        """End the stream, in its loop."""
        with contextlib.suppress(RuntimeError):  # the loop has ended with the stream
            self._loop.call_soon_threadsafe(self.stream.close)

    def until(self, found: Callable[[Event], bool]) -> Event:
        while True:
            event = self._events.get(timeout=SECONDS)
            if found(event):
                return event

    def about(self, record_id: str) -> Event:
        return self.until(lambda event: event.record_id == record_id)

    def ended(self) -> Next | None:
        self._thread.join(SECONDS)
        assert not self._thread.is_alive()
        return self.error

    def ready(self) -> None:
        """Wait for the first batch, empty or not."""
        self._batches.get(timeout=SECONDS)


@pytest.fixture
def tokens(org: LocalOrg) -> Tokens:
    return org.sign_in()


@pytest.fixture
def start(org: LocalOrg, tokens: Tokens) -> Iterator[Callable[..., Listener]]:
    opened: list[Listener] = []

    def make(**parts: Any) -> Listener:
        opened.append(Listener(org, parts.pop("tokens", tokens), **parts))
        return opened[-1]

    org.control("POST", "settings", {"keepalive_seconds": 0.2})
    yield make
    org.control("POST", "settings", {"keepalive_seconds": 270.0})
    for listener in opened:
        listener.close()
        listener.ended()


def test_what_people_do_to_a_lead_comes_out(org: LocalOrg, start: Callable[..., Listener]) -> None:
    listener = start()
    listener.ready()
    (lead,) = org.leads(1)
    made = listener.about(lead)
    assert (made.kind, made.change, made.ours) == ("lead", "created", False)
    org.control(
        "POST", "update", {"sobject": "Lead", "rows": [{"Id": lead, "City": "Paris", "Email": "a@muster.example"}]}
    )
    changed = listener.about(lead)
    assert (changed.change, changed.ours) == ("updated", False)
    assert {"city", "email"} <= set(changed.changed)
    assert "company" not in changed.changed
    org.control("POST", "delete", {"sobject": "Lead", "ids": [lead]})
    assert listener.about(lead).change == "deleted"
    org.control("POST", "undelete", {"sobject": "Lead", "ids": [lead]})
    assert listener.about(lead).change == "restored"


def test_our_own_routing_is_an_echo_and_a_persons_is_not(
    org: LocalOrg, crm: SalesforceCrm, start: Callable[..., Listener]
) -> None:
    (lead,) = org.leads(1)
    ana = User(org.user(), "Ana")
    listener = start()
    listener.ready()
    made = decision(key=f"echo {lead}", lead_id=lead, owner=ana)
    wanted = tuple(action for action in made.actions if action.key in ("assign", "stamp"))
    crm.apply("record", [work(decision(key=made.key, lead_id=lead, owner=ana, actions=wanted), account_id=None)])
    echo = listener.about(lead)
    assert (echo.change, echo.ours) == ("updated", True)
    assert {"OwnerId", "decision"} <= set(echo.changed)
    org.control("POST", "update", {"sobject": "Lead", "rows": [{"Id": lead, "OwnerId": org.queue_id()}]})
    assert not listener.about(lead).ours


def test_a_flow_inside_our_transaction_is_no_echo(org: LocalOrg, start: Callable[..., Listener]) -> None:
    (lead,) = org.leads(1)
    listener = start()
    listener.ready()
    origin = "com/salesforce/api/rest/66.0;client=Switchyard"
    rows = [{"Id": lead, "OwnerId": org.user(), "Status": "Working - Contacted"}]
    org.control("POST", "update", {"sobject": "Lead", "rows": rows, "origin": origin})
    event = listener.about(lead)
    assert (event.ours, "status" in event.changed) == (False, True)


def test_a_rule_that_changes_is_heard(org: LocalOrg, crm: SalesforceCrm, start: Callable[..., Listener]) -> None:
    listener = start()
    listener.ready()
    (rule,) = crm.put_rules([RuleRow("Heard", "rule", 1, "rule: Heard")])
    assert (listener.about(rule).kind, listener.place != b"") == ("rule", True)


def test_a_conversion_and_a_merge_are_heard(org: LocalOrg, start: Callable[..., Listener]) -> None:
    converted, kept, merged = org.leads(3)
    listener = start()
    listener.ready()
    made = org.control("POST", "convert", {"leadId": converted})
    assert listener.about(made["accountId"]).kind == "account"
    assert listener.about(made["contactId"]).kind == "contact"
    assert "converted" in listener.about(converted).changed
    org.control("POST", "merge", {"sobject": "Lead", "masterId": kept, "mergedIds": [merged]})
    assert listener.about(merged).change == "deleted"


def test_nothing_is_missed_between_two_streams(org: LocalOrg, start: Callable[..., Listener]) -> None:
    first = start()
    first.ready()
    (lead,) = org.leads(1)
    first.about(lead)
    first.close()
    assert first.ended() is None
    missed = org.leads(3)
    second = start(replay_id=first.place)
    assert [second.until(lambda event: event.change == "created").record_id for _ in missed] == missed


def test_many_events_flow_through_the_window(org: LocalOrg, start: Callable[..., Listener]) -> None:
    listener = start()
    listener.ready()
    ids = [lead for _ in range(25) for lead in org.leads(12)]
    seen = [listener.until(lambda event: event.change == "created").record_id for _ in ids]
    assert sorted(seen) == sorted(ids)


def test_gaps_and_overflows_are_heard(org: LocalOrg, start: Callable[..., Listener]) -> None:
    (lead,) = org.leads(1)
    listener = start()
    listener.ready()
    org.control("POST", "stream", {"gap": {"sobject": "Lead", "ids": [lead], "kind": "GAP_UPDATE"}})
    gap = listener.about(lead)
    assert (gap.change, gap.changed) == ("updated", ())
    org.control("POST", "stream", {"overflow": "Account"})
    assert listener.about("*").kind == "account"


def test_a_place_that_is_too_old_means_a_comparison_and_everything_still_kept(
    org: LocalOrg, start: Callable[..., Listener]
) -> None:
    first = start()
    first.ready()
    org.leads(1)
    first.until(lambda event: event.change == "created")
    first.close()
    first.ended()
    org.leads(1)
    org.control("POST", "stream", {"expire_before": True})
    (kept,) = org.leads(1)
    second = start(replay_id=first.place)
    assert second.until(lambda event: event.change == "resync").record_id == "*"
    assert second.about(kept).change == "created"


class Anew(Tokens):
    """Signs in anew for each renewal."""

    def __init__(self, org: LocalOrg) -> None:
        super().__init__(org.sign_in().current())
        self._org = org

    def renew(self, stale: Token) -> Token:
        self._tokens = [stale, self._org.sign_in().current()]
        return super().renew(stale)


def test_an_expired_token_is_renewed_in_the_stream(org: LocalOrg, start: Callable[..., Listener]) -> None:
    tokens = Anew(org)
    listener = start(tokens=tokens)
    listener.ready()
    org.control("POST", "expire", {})
    (lead,) = org.leads(1)
    assert listener.about(lead).change == "created"
    assert tokens.renewals == 1


def test_a_cut_stream_says_later(org: LocalOrg, start: Callable[..., Listener]) -> None:
    listener = start()
    listener.ready()
    org.control("POST", "stream", {"cut": True, "error_code": "service.unavailable"})
    assert isinstance(listener.ended(), Later)


def test_a_used_up_allowance_says_hours(org: LocalOrg, start: Callable[..., Listener]) -> None:
    listener = start()
    listener.ready()
    org.control("POST", "stream", {"error_code": "subscription.limit.exceeded"})
    error = listener.ended()
    assert isinstance(error, Exhausted)
    assert error.seconds >= 3600


def test_without_the_package_there_is_no_channel(org: LocalOrg, tokens: Tokens) -> None:
    who = Session(tokens, settings=org.settings()).who()
    elsewhere = org.settings(salesforce_channel="/data/Nobody__chn")
    with pytest.raises(Refused):
        topic(elsewhere, tokens.current(), str(who["organization_id"]))
    assert topic(org.settings(), tokens.current(), str(who["organization_id"])).can_subscribe


def test_assigning_alone_is_an_echo_too(org: LocalOrg, crm: SalesforceCrm, start: Callable[..., Listener]) -> None:
    (lead,) = org.leads(1)
    ana = User(org.user(), "Ana")
    listener = start()
    listener.ready()
    made = decision(key=f"only {lead}", lead_id=lead, owner=ana, actions=(Assign(ana.id),))
    crm.apply("record", [work(made)])
    assert listener.about(lead).ours
