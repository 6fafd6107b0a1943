"""Whole drains over a portal that changes its subscription: set up, routed, upgraded, moved, and given up again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from connector.errors import Later
from connector.hubspot.gateway import HubSpotCrm
from connector.rows import RuleRow
from connector.store import installs, letters, progress, rulesets, shelves
from connector.store.shelves import StoredShelf
from jobs import move, setup
from jobs.drain import drain
from jobs.tools import Stream, Tools
from rules.model import Event
from tests.connector.hubspot.app_objects import deploy, downgrade, upgrade
from tests.connector.hubspot.conftest import NOW, settings
from tests.connector.store.kit import KEYRING, tenant

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from connector.crm import Crm
    from connector.rows import Moved
    from connector.store.base import Database
    from connector.store.installs import Install
    from tests.connector.hubspot.conftest import Portal


@dataclass
class Shop:
    """An install of a portal, and the drains that work for it."""

    portal: Portal
    database: Database
    install: Install
    rung: list[str] = field(default_factory=list)
    now: datetime = NOW
    app_id: str = ""

    def crm(self) -> Crm:
        return self.portal.crm(settings=settings(hubspot_app_id=self.app_id))

    def drain(self) -> None:
        tools = Tools(
            settings=settings(),
            database=self.database,
            keyring=KEYRING,
            open_crm=lambda _install: self.crm(),
            open_stream=no_stream,
            ring=self.rung.append,
            clock=lambda: self.now,
            holder="test",
        )
        for _ in range(20):
            self.rung.clear()
            drain(tools, self.install.id)
            if not self.rung:
                return

    def set_up(self) -> None:
        with self.database.write() as connection:
            progress.start(connection, self.install.id, setup.NAME, now=self.now)
        self.drain()

    def work(self) -> dict[str, str]:
        with self.database.read() as connection:
            return {each.name: each.state for each in progress.of(connection, self.install.id)}

    def route(self, person: str) -> None:
        key = f"{person}:{len(self.rung)}:{id(person)}"
        event = Event(key, "lead", person, "created", self.now)
        with self.database.write() as connection:
            letters.receive(connection, self.install.id, [event], now=self.now, priority=letters.LIVE)
        self.drain()

    def version(self) -> str:
        with self.database.read() as connection:
            live = rulesets.get(connection, self.install.id, KEYRING.seal(self.install.key))
        assert live is not None
        assert live.fault == ""
        return live.version

    def kind(self) -> str:
        with self.database.read() as connection:
            return shelves.standing(connection, self.install.id).kind


def no_stream(_install: Install, _place: bytes | None) -> Stream:
    raise AssertionError("a drain opens no stream")


@pytest.fixture
def shop(connect: Callable[..., Portal], database: Database) -> Shop:
    """A small portal that was just connected, in the mode in which owners are set."""
    portal = connect(tier="professional")
    portal.owner()
    portal.order("limits", general=None, search=None, associations=None)
    who = tenant(database, f"shop-{portal.id}")
    portal.shelf = StoredShelf(database, who.id, who.seal, lambda: NOW)
    with database.write() as connection:
        installs.set_mode(connection, who.id, "act")
    return Shop(portal, database, who.install)


def person(shop: Shop, name: str) -> str:
    row = {"firstname": "Jane", "lastname": name, "email": f"{name.lower()}@nowhere.example"}
    return shop.portal.load("contacts", [row])[0]


def test_a_portal_is_routed_before_while_and_after_its_rules_and_audits_are_moved(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.set_up()
    assert (shop.kind(), shop.work()[setup.NAME]) == ("properties", "done")
    version, first = shop.version(), person(shop, "First")
    shop.route(first)
    assert shop.portal.properties("contacts", first)["switchyard_outcome"] == "assigned"
    upgrade(shop.portal)
    with monkeypatch.context() as patch:
        patch.setattr(HubSpotCrm, "move", dying)
        shop.set_up()
    assert (shop.kind(), shop.work()[move.NAME]) == ("custom_objects", "waiting"), "it died before it noted the page"
    shop.now += timedelta(minutes=1)
    shop.drain()
    assert (shop.kind(), shop.work()[move.NAME]) == ("custom_objects", "done")
    second = person(shop, "Second")
    shop.route(second)
    audits = shop.portal.rows(f"p{shop.portal.id}_routing_audit")
    assert sorted(row["properties"]["lead_id"] for row in audits) == sorted([first, second])
    assert shop.version() == version
    assert shop.portal.rows("0-46") == []


MOVE = HubSpotCrm.move


def dying(crm: HubSpotCrm, after: str | None) -> Moved:
    """Move a page, and die before that is noted."""
    MOVE(crm, after)
    raise Later("the worker is gone", seconds=5.0)


def test_a_portal_that_gives_its_objects_up_keeps_its_rules_and_routes_on(shop: Shop) -> None:
    upgrade(shop.portal)
    shop.set_up()
    version = shop.version()
    assert shop.kind() == "custom_objects"
    downgrade(shop.portal)
    shop.set_up()
    assert shop.kind() == "properties"
    assert shop.version() == version
    assert [row.name for row in shop.crm().rules()] != []
    first = person(shop, "First")
    shop.route(first)
    assert shop.portal.properties("contacts", first)["switchyard_outcome"] == "assigned"
    assert [row["outcome"] for row in shop.crm().audits(first)] == ["assigned"]


@pytest.mark.parametrize("kind", ["properties", "custom_objects", "app_objects"])
def test_an_edit_of_a_rule_is_found_by_polling_as_hubspot_tells_no_event_of_it(shop: Shop, kind: str) -> None:
    if kind == "custom_objects":
        upgrade(shop.portal)
    if kind == "app_objects":
        deploy(shop.portal)
        shop.app_id = str(shop.portal.sandbox.app_id)
    shop.set_up()
    assert shop.kind() == kind
    before, crm = shop.version(), shop.crm()
    assert "rule_events" not in crm.can
    (first, *_) = crm.rules()
    crm.put_rules([replace(first, definition=f"{first.definition}  # edited\n", error="")])
    crm.put_rules([RuleRow("Office", "list", 90, "- list: Office\n  values: [Paris]\n")])
    shop.now += timedelta(seconds=settings().rules_poll_seconds - 1)
    shop.drain()
    assert shop.version() == before
    shop.now += timedelta(seconds=2)
    shop.drain()
    assert shop.version() != before
    assert {row.version for row in shop.crm().rules()} == {shop.version()}
