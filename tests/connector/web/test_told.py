"""Every reason on a page and in an answer is read in the language of who looks, whoever's lead it is about."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
from bs4 import BeautifulSoup

from connector.store import installs, pairs, progress, reviews, rulesets
from connector.store.cleanups import Cleanup
from connector.store.installs import Install
from connector.store.memos import StoredMemo
from connector.store.pairs import Suggestion
from jobs import cleanup, contacts, massmatch, simulation
from rules import dedupe, undo
from rules.actions import Member
from rules.comparison import Comparison, Fate, Moved, Tally
from rules.model import Decision, Record
from rules.routing.case import Scene
from rules.ruleset import Source
from rules.undo import Undoing
from rules.wording import catalogue
from rules.wording.words import amount, english, say
from tests.connector.api.kit import Program, key_of, program
from tests.connector.web.kit import ANA, NOW, Browser, CheckedCrm, House
from tests.connector.web.rule_pages import Book, book, only
from tests.connector.web.test_reports import settle
from tests.jobs.joining import JoiningCrm
from tests.rules.make import ANA as OWNER
from tests.rules.make import BOB, account, decided, lead, scene

__all__ = ["book"]

HOST = "route.example.com"
GERMAN = "de"
VIEWERS = ("fr", "pt_BR")
RULES = """
- rule: Great ones
  when: [lead.country is FR, lead.employees >= 5000]
  assign: [duplicate owner, pool "Nobody"]
- rule: Rest
  assign: [user gone@example.com, user ana@example.com]
- pool: Nobody
  members: [{user: bob@example.com, when: [lead.city is Lyon]}]
"""


def where(language: str) -> Scene:
    """Return where everybody speaks this language."""
    return scene(RULES, users={each.id: replace(each, language=language) for each in (OWNER, BOB)})


def made(language: str) -> Decision:
    """Decide about a lead whose owner speaks this language; no account is likely enough."""
    who = lead(company="Acme Robotics", email="kim@gmail.com", country="FR", employees=5200, last_name="Kim")
    far = account(name="Acme Robots", website="acme-robots.de", country="DE")
    with catalogue.speaking(language):
        found = decided(who, where(language), accounts=[far])
    return replace(found, key="d1", language=language)


def sentences(decision: Decision) -> set[str]:
    """Return what a story tells of a decision."""
    match, route = decision.match, decision.route
    clues = {each.text for one in (match.account, *match.runners_up) if one for each in one.evidence if each.weight}
    told = {route.reason, match.reason, match.needed, *(why for _, why in route.refused), *clues}
    return set(map(str, filter(None, told)))


def flat(text: object) -> str:
    """Return a text on one line with plain spaces."""
    return " ".join(str(text).split())


def seen(client: Browser, path: str, language: str) -> str:
    client.set_cookie("language", language, domain=HOST)
    return flat(client.page(path).get_text(" "))


def missing(texts: Iterable[object], page: str) -> list[str]:
    return sorted(each for each in map(flat, texts) if each not in page)


@pytest.fixture
def told(house: House, acme: Install) -> dict[str, set[str]]:
    """A decision in the language of the lead's owner is kept; its sentences by language."""
    house.decide(acme, made(GERMAN))
    return {language: sentences(made(language)) for language in catalogue.LANGUAGES}


@pytest.mark.parametrize("viewer", VIEWERS)
def test_a_story_is_read_in_the_viewers_language(
    alice: Browser, acme: Install, told: dict[str, set[str]], viewer: str
) -> None:
    text = seen(alice, f"/installs/{acme.id}/decisions/d1", viewer)
    assert len(told[viewer]) > 6
    assert missing(told[viewer], text) == []
    assert len(missing(told[GERMAN] - told[viewer], text)) == len(told[GERMAN] - told[viewer])


@pytest.mark.parametrize("viewer", VIEWERS)
def test_a_decision_that_an_earlier_version_kept_is_told_by_its_words(
    house: House, alice: Browser, acme: Install, viewer: str
) -> None:
    found = made(GERMAN)
    bare = replace(found, route=replace(found.route, reason=str(found.route.reason)))
    house.decide(acme, bare)
    assert missing([made(viewer).route.reason], seen(alice, f"/installs/{acme.id}/decisions/d1", viewer)) == []


@pytest.mark.parametrize("viewer", VIEWERS)
def test_the_answer_of_the_api_is_told_as_the_request_asks(
    house: House, acme: Install, alice: Browser, told: dict[str, set[str]], viewer: str
) -> None:
    caller: Program = program(alice.application, key_of(house, acme))
    speaks = {"Accept-Language": viewer.replace("_", "-")}
    answers = [caller.ask("GET", path, headers=speaks) for path in ("/decisions/d1", "/decisions")]
    story, listed = (flat(json.dumps(each, ensure_ascii=False).replace("\\", "")) for each in answers)
    wanted = made(viewer)
    why = [wanted.route.reason, *(why for _, why in wanted.route.refused)]
    assert missing(why, story) == []
    assert missing([wanted.route.reason], listed) == []
    assert missing([made(GERMAN).route.reason], story + listed) != []


@pytest.mark.parametrize("viewer", VIEWERS)
def test_an_undo_says_what_was_taken_back_in_the_viewers_language(
    house: House, alice: Browser, acme: Install, viewer: str
) -> None:
    def reason(language: str) -> str:
        with catalogue.speaking(language):
            parts = say("undo.owner", user="Ana"), say("undo.timers"), say("undo.task.gone", subject="X")
            return undo.reason(made(language), Undoing(back=parts[:2], left=parts[2:]), "Zoë")

    before = made(GERMAN)
    route = replace(before.route, reason=reason(GERMAN), refused=(), path=())
    house.decide(acme, replace(before, key="d2", outcome="undone", undoes="d1", route=route))
    assert missing([reason(viewer)], seen(alice, f"/installs/{acme.id}/decisions/d2", viewer)) == []


@pytest.mark.parametrize("viewer", VIEWERS)
def test_reports_tell_why_leads_found_no_account(house: House, alice: Browser, acme: Install, viewer: str) -> None:
    settle(house, acme, replace(made(GERMAN), received_at=NOW, decided_at=NOW), at=NOW)

    def why(language: str) -> str:
        alice.set_cookie("language", language, domain=HOST)
        page = alice.page(f"/installs/{acme.id}/reports")
        return flat(only(page, "section[aria-labelledby=unmatched] tbody th").text)

    found = {language: why(language) for language in ("en", GERMAN, viewer)}
    assert found["en"] == "The best account is not likely enough"
    assert len(set(found.values())) == 3


@pytest.mark.parametrize("viewer", VIEWERS)
def test_a_review_shows_its_evidence_in_the_viewers_language(
    house: House, alice: Browser, acme: Install, viewer: str
) -> None:
    def asking(language: str) -> Decision:
        with catalogue.speaking(language):
            who = lead(company="Acme Robotics", email="kim@gmail.com", country="FR", last_name="Kim")
            twins = [account(f"A{n}", name="Acme Robotics", country="FR", owner=f"U{n}") for n in (1, 2)]
            found = decided(who, where(language), accounts=twins)
        return replace(found, key="d1", language=language)

    found = asking(GERMAN)
    assert found.match.status == "review"
    house.decide(acme, found)
    with house.database.write() as connection:
        reviews.follow(connection, acme.id, house.seal(acme), [found], now=house.now)
    text = seen(alice, f"/installs/{acme.id}/reviews", viewer)
    best = asking(viewer).match
    assert best.account
    shown = [each.text for each in best.account.evidence if each.weight > 0.5]
    assert shown
    assert missing([best.reason, *shown], text) == []


@pytest.mark.parametrize("viewer", VIEWERS)
def test_duplicates_tell_their_evidence_and_why_a_person_is_asked(
    house: House, alice: Browser, acme: Install, viewer: str
) -> None:
    old = NOW - timedelta(days=9)
    known = {"last_name": "Lee", "name": "Kim Lee", "phone": "+1 650 555 0100"}
    one = Record("lead", "k1", {**known, "email": "kim@globex.com"}, ANA.id, old, old)
    other = Record("lead", "k2", {**known, "email": "kim@gmail.com"}, ANA.id, NOW, NOW)
    crm = JoiningCrm(people=[ANA])
    crm.add(one, other)
    house.crms[acme.id] = cast("CheckedCrm", crm)

    def evidence(language: str) -> list[str]:
        with catalogue.speaking(language):
            return [each.text for each in dedupe.judge(one, other).evidence]

    with catalogue.speaking(GERMAN):
        why = say("blocked.owners differ", one="Kim (k1)", other="Lee (k2)")
        clues = dedupe.judge(one, other).evidence
    pair = Suggestion((Member("lead", "k1"), Member("lead", "k2")), 0.97, clues, (why, english("work.observes")))
    with house.database.write() as connection:
        seal = house.seal(acme)
        installs.set_mode(connection, acme.id, "act")
        sources = [Source("policy", "- duplicates: One\n  mode: act\n")]
        rulesets.put(connection, acme.id, seal, sources=sources, version="v1", now=NOW)
        pairs.suggest(connection, acme.id, seal, [pair], now=NOW)
    text = seen(alice, f"/installs/{acme.id}/duplicates/{pair.key}", viewer)
    with catalogue.speaking(viewer):
        why_now = say("blocked.owners differ", one="Kim (k1)", other="Lee (k2)"), say("work.observes")
    assert missing([*why_now, *evidence(viewer)], text) == []
    assert len(missing([why, *evidence(GERMAN)], text)) == 1 + len(clues)
    listed = seen(alice, f"/installs/{acme.id}/duplicates", viewer)
    assert len(missing([*why_now, *evidence(viewer)], listed)) < 2 + len(clues)
    assert len(missing(evidence(GERMAN), listed)) == len(clues)


@pytest.mark.parametrize("viewer", VIEWERS)
def test_hints_about_rules_are_told_to_each_viewer_though_a_process_keeps_them(
    alice: Browser, book: Book, viewer: str
) -> None:
    assert alice.submit(book.path(f"/items/{book.row('Everyone else').id}"), do="up").status_code == 303
    told = {}
    for language in (GERMAN, viewer, GERMAN):
        alice.set_cookie("language", language, domain=HOST)
        page = BeautifulSoup(alice.get(book.path(), headers={"HX-Request": "true"}).text, "html.parser")
        told[language] = flat(only(page.select("ol.rules > li")[2], "ul.hints").get_text(" "))
    for language, hints in told.items():
        with catalogue.speaking(language):
            assert missing([say("lint.dead", rules="“Everyone else”"), say("lint.dead.remedy")], hints) == []
    assert told[GERMAN] != told[viewer]


@pytest.mark.parametrize("viewer", VIEWERS)
def test_long_work_that_rests_stopped_or_ended_says_why(
    house: House, alice: Browser, acme: Install, viewer: str
) -> None:
    rests = english("work.rests", used="1,200", granted="2,000")
    ended = {"match:all": ("failed", rests), "try:all": ("done", massmatch.told("try", {"matched": 1200}))}
    ended[contacts.NAME] = ("done", contacts.told({"count": 9000, "found": 7000}))
    cleaned = Cleanup("cleanup:1", "Ana", NOW, counts={"found": 1500})
    ended[cleaned.name] = ("done", cleanup.sentence(cleaned, {"open": 1400, "merged": 60, "rejected": 40}))
    with house.database.write() as connection:
        for name, (state, reason) in ended.items():
            progress.start(connection, acme.id, name, now=NOW)
            progress.move(connection, acme.id, name, now=NOW, state=state, reason=reason)
    shown = seen(alice, f"/installs/{acme.id}/runs", viewer)
    with catalogue.speaking(viewer):
        wanted = [
            say("work.rests", used=amount(1200), granted=amount(2000)),
            say("work.tried", matched=amount(1200), review="0", none="0"),
            say("work.placed.most", found=amount(7000), count=amount(9000), kept=amount(5000)),
            say("work.cleaned", found=amount(1500), merged="60", open=amount(1400), rejected="40"),
        ]
    assert missing(wanted, shown) == []
    assert "Rests to save" not in shown
    assert "Tried, nothing" not in shown


@pytest.mark.parametrize("viewer", VIEWERS)
def test_a_simulation_tells_why_a_lead_changes_hands(house: House, alice: Browser, acme: Install, viewer: str) -> None:
    def fate(language: str, owner: str) -> Fate:
        with catalogue.speaking(language):
            reason = say("reason.user", rule="Rest", leads=say("leads.all"), user=owner)
        return Fate("given", "Rest", "user", owner, reason, NOW)

    moved = Moved("L1", "Kim", NOW, fate(GERMAN, "Ana"), fate(GERMAN, "Bob"))
    found = Comparison(1, Tally("v1"), Tally("v2"), 1, (moved,), {})
    with house.database.write() as connection:
        progress.start(connection, acme.id, "simulation:1", now=NOW)
        done = {"state": "done", "done": 1, "total": 1, "reason": simulation.outcome(1, 1)}
        progress.move(connection, acme.id, "simulation:1", now=NOW, **done)
    simulation.keep(StoredMemo(house.database, acme.id, house.seal(acme), house.clock), "simulation:1", found)
    text = seen(alice, f"/installs/{acme.id}/simulations/1", viewer)
    assert missing([fate(viewer, "Ana").reason, fate(viewer, "Bob").reason], text) == []
    listed = seen(alice, f"/installs/{acme.id}/simulations", viewer)
    with catalogue.speaking(viewer):
        assert missing([say("work.simulated", count=1, moves=1)], listed) == []


@pytest.mark.parametrize("viewer", VIEWERS)
def test_the_list_of_activity_and_the_home_are_told_as_well(
    alice: Browser, acme: Install, told: dict[str, set[str]], viewer: str
) -> None:
    for path in (f"/installs/{acme.id}/decisions", f"/installs/{acme.id}"):
        text = seen(alice, path, viewer)
        assert "Kim" in text
        assert len(missing(told[GERMAN] - told[viewer], text)) == len(told[GERMAN] - told[viewer])
