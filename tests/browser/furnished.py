"""A house with an install that has been at work for a while: something of everything that a page can show."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import cast

from sqlalchemy import Connection

from connector.crm import CrmName
from connector.index import Index
from connector.rows import RuleRow
from connector.store import (
    api_keys,
    changes,
    cleanups,
    editions,
    grants,
    installs,
    leaves,
    letters,
    notes,
    pairs,
    pauses,
    progress,
    reviews,
    rotation,
    rulesets,
    streams,
    timers,
    usage,
)
from connector.store.api_keys import ApiKey
from connector.store.grants import Grant
from connector.store.installs import Install
from connector.store.pairs import Suggestion
from connector.store.seal import Seal
from connector.store.timers import Waiting
from jobs import contacts, simulation
from jobs.preview import Looking
from jobs.simulation import Order
from rules.actions import Member
from rules.model import Candidate, Decision, Event, Evidence, Match, Record, Route, Standing, Task, User
from rules.routing.rotation import after
from rules.ruleset import Source, load, split
from tests.connector.web.kit import ANA, DONE, NOW, CheckedCrm, House, decision
from tests.jobs.joining import JoiningCrm

ORG, ALICE = "00D000000000001AAA", ANA.id
BOB = User("005000000000002AAA", "Bob Ömer", "bob@example.com", zone="America/New_York")
CLEO = User("005000000000003AAA", "Cléo Martin", "cleo@example.com", zone="Europe/Paris")
RULES = """
- rule: Partners stay with their manager
  when: [lead.source is Partner]
  assign: user cleo@example.com
- rule: Enterprise EMEA
  when:
    - lead.country in [France, Germany, Spain]
    - lead.employees >= 1000
  assign: pool "EMEA enterprise"
  task: {subject: "Call {lead.name} at {lead.company}", due: 15 minutes}
  notify: true
  escalate:
    - {after: 15 minutes, remind: true}
- rule: Everybody else
  assign: pool "Everyone"
- pool: EMEA enterprise
  members:
    - {user: ana@example.com, weight: 2, cap: 10 per day}
    - {user: cleo@example.com, hours: "Mon-Fri 09:00-18:00 Europe/Paris"}
- pool: Everyone
  members: [ana@example.com, bob@example.com, cleo@example.com]
- duplicates: One person, one record
  mode: act
"""
PEOPLE = (
    ("Marie Curie", "Acme", "acme.fr"), ("Nikolai Rimsky", "Globex", "globex.com"),
    ("Aïcha Benali", "Initech", "initech.de"), ("João da Silva", "Umbrella do Brasil", "umbrella.com.br"),
    ("Ada Lovelace", "Analytical Engines", "engines.co.uk"),
    ("A very long name that somebody typed into the form", "Donaudampfschifffahrtsgesellschaft", "ddsg.at"),
)  # fmt: skip
OUTCOMES = ("assigned", "assigned", "assigned", "kept", "refused", "assigned", "suggested", "ignored")
PAIR = Suggestion(
    (Member("lead", "k1"), Member("lead", "k2")),
    0.93,
    (Evidence("same_phone_number", "Both have the phone number +16505550100", 2.0),),
    names=("Kim Lee", "Kim H. Lee"),
    lead_id="k2",
    log_odds=3.5,
)
RUN = "cleanup:1"
KEY = "0123456789abcdef"
PORTAL, PORTALS_KEY = "24001", "fedcba9876543210"
SIMULATION = "0a1b2c3d"
FIRST_RULE = "rule0"
"""The record of the first rule in the CRM."""


def furnish(house: House, crm_name: CrmName = "salesforce", tenant_id: str = ORG, key: str = KEY) -> Install:
    """Connect an org or a portal and put something of everything into it; return its install."""
    acme = house.connect(crm_name, tenant_id, "Acme Corp", admin=ALICE)
    crm = _crm()
    house.crms[acme.id] = cast("CheckedCrm", crm)
    unsure = decision("unsure", match=_unsure(), lead=replace(decision().lead, id="00Q000000000099AAA"))
    made = [_decided(number) for number in range(60)]
    for number, each in enumerate(made):
        house.decide(acme, each, at=NOW - timedelta(minutes=23 * number), ledger=DONE)
    house.decide(acme, decision("parked"), parked="The record stayed locked.")
    house.decide(acme, unsure)
    for each in (*made, unsure):
        crm.tasks += [(each.lead.id, action) for action in each.actions if isinstance(action, Task)]
    with house.database.write() as connection:
        seal = house.seal(acme)
        reviews.follow(connection, acme.id, seal, [unsure], now=NOW)
        pairs.suggest(connection, acme.id, seal, [PAIR], now=NOW, run=RUN)
        cleanups.put(connection, acme.id, seal, cleanups.Cleanup(RUN, "Ana Diaz", NOW - timedelta(hours=2)))
        for kind in ("account", "contact", "lead"):
            progress.start(connection, acme.id, f"backfill:{kind}", now=NOW)
            progress.move(connection, acme.id, f"backfill:{kind}", now=NOW, state="done", done=1200, total=1200)
        _suggested(connection, acme, seal)
        progress.start(connection, acme.id, "reconcile:lead", now=NOW)
        progress.move(connection, acme.id, "reconcile:lead", now=NOW, state="running", done=12400, total=48210)
        events = [Event(f"e{number}", "lead", f"00Q{number}", "created", NOW) for number in range(3)]
        letters.receive(connection, acme.id, events, now=NOW)
        letters.park(connection, acme.id, [1], reason="Lead is not readable.")
        sources = _sources()
        version = load(sources).version
        rulesets.put(connection, acme.id, seal, sources=sources, version=version, now=NOW)
        editions.add(
            connection, acme.id, seal, sources=sources[1:], version="v1", now=NOW - timedelta(days=3), by="Bob Ömer"
        )
        editions.add(connection, acme.id, seal, sources=sources, version=version, now=NOW, by="Ana Diaz", note="EMEA")
        rotation.put(connection, acme.id, {"EMEA enterprise": _standing()})
        timers.add(connection, acme.id, [Waiting("d0", 0, "00Q0", "remind", NOW + timedelta(minutes=9))], now=NOW)
        pauses.put(connection, acme.id, BOB.id, until=NOW + timedelta(days=1), by=ALICE, now=NOW)
        streams.put(connection, acme.id, "live", now=NOW)
        usage.add(connection, acme.id, {"live": 2000, "backfill": 1100}, now=NOW)
        notes.put(connection, acme.id, "first step rules", "", now=NOW)
        installs.set_mode(connection, acme.id, "suggest")
        api_keys.put(connection, acme.id, seal, ApiKey(key, "Export", frozenset({"read"}), ALICE, NOW), digest=key)
        changes.add(connection, acme.id, seal, by=ALICE, did="mode", about="suggest", before="observe", now=NOW)
        grants.give(connection, acme.id, Grant(BOB.id, "manager", ALICE, NOW))
        leaves.make(connection, acme.id, code=key, by=ALICE, now=NOW, until=NOW + timedelta(hours=4))
    found = house.install(acme.id)
    assert found is not None
    look = Looking(house.tools, found, crm, house.seal(found))
    order = Order(load(_sources()), load(_sources()[1:]))
    simulation.run(look, order, f"{simulation.PREFIX}{SIMULATION}")
    return found


def _sources() -> list[Source]:
    return [Source(item.name, item.text) for item in split(RULES)]


def _suggested(connection: Connection, acme: Install, seal: Seal) -> None:
    """Contacts without an account, for which a run has found one."""
    people = [
        Record("contact", f"003{n}", {"name": who, "company": of, "email": f"x@{at}"})
        for n, (who, of, at) in enumerate(PEOPLE)
    ]
    companies = [Record("account", f"001{n}", {"name": of, "website": at}) for n, (_, of, at) in enumerate(PEOPLE)]
    Index(connection, acme.id, seal).put([*people, *companies])
    contacts.start(connection, acme, seal, by="Ana Diaz", version="v1", now=NOW)
    found = [cleanups.Tie(f"003{n}", f"001{n}", ("contact", "account"), 0.9) for n in range(len(PEOPLE))]
    cleanups.tie(connection, acme.id, contacts.NAME, found)
    reason = contacts.told({"count": 800, "found": len(PEOPLE)})
    progress.move(connection, acme.id, contacts.NAME, now=NOW, state="done", done=1200, total=1200, reason=reason)


def _crm() -> JoiningCrm:
    crm = JoiningCrm(people=[ANA, BOB, CLEO])
    old = NOW - timedelta(days=9)
    told = {"last_name": "Lee", "name": "Kim Lee", "phone": "+1 650 555 0100", "company": "Globex"}
    crm.add(
        Record("lead", "k1", {**told, "email": "kim@globex.com"}, ANA.id, old, old),
        Record("lead", "k2", {**told, "email": "kim@gmail.com", "title": "CEO"}, BOB.id, NOW, NOW),
        decision().lead,
        Record("account", "001000000000001AAA", {"name": "Acme France", "website": "acme.fr"}, ANA.id, old, old),
    )
    kinds = [("rule", 3), ("pool", 2), ("duplicates", 1)]
    names = [kind for kind, count in kinds for _ in range(count)]
    rows = zip(names, split(RULES), strict=True)
    crm.put_rules([RuleRow(item.name, kind, place, item.text) for place, (kind, item) in enumerate(rows, 1)])
    return crm


def _decided(number: int) -> Decision:
    name, company, domain = PEOPLE[number % len(PEOPLE)]
    outcome = OUTCOMES[number % len(OUTCOMES)]
    lead = Record(
        "lead",
        f"00Q{number:012d}AAA",
        {"name": name, "company": company, "email": f"who@{domain}", "source": ("Web", "Partner")[number % 2]},
        owner_id=BOB.id,
    )
    taker = (ANA, BOB, CLEO)[number % 3] if outcome in {"assigned", "suggested"} else None
    made = decision(
        f"d{number}", lead=lead, outcome=outcome, received_at=NOW - timedelta(minutes=23 * number, seconds=2)
    )
    route = replace(made.route, assignee=taker) if taker else Route("", "", None, "Nobody of the pool takes leads now.")
    match = made.match if number % 4 else Match("none", None, (), "No account is like it.")
    return replace(made, route=route, match=match)


def _unsure() -> Match:
    sure = decision().match
    assert sure.account is not None
    best = Candidate(sure.account.account_id, "Acme France", None, 0.71, sure.account.evidence)
    return Match("review", best, sure.runners_up, "Not sure enough.", log_odds=0.9)


def _standing() -> Standing:
    standing: Standing = {}
    for taker in (ANA, CLEO, ANA, ANA):
        standing = after(standing, taker.id, {ANA.id: 2, CLEO.id: 1})
    return standing
