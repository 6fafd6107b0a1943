"""The page of long work: how far each run is, what more of it would cost, and moving it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup, Tag

from connector.desk import log, runs
from connector.index import Index
from connector.store import cleanups, pairs, progress
from connector.store.cleanups import Cleanup
from connector.store.installs import Install
from rules.actions import Member
from rules.model import Kind, Record
from tests.connector.web.conftest import ALICE
from tests.connector.web.kit import NOW, Browser, House

PAIR = pairs.Suggestion((Member("lead", "l1"), Member("lead", "l2")), 0.97, names=("Zoë Ünal", "=Zoë"))


def path(install: Install) -> str:
    return f"/installs/{install.id}/runs"


def begun(house: House, install: Install, name: str, **values: object) -> None:
    with house.database.write() as connection:
        progress.start(connection, install.id, name, now=house.now)
        progress.move(connection, install.id, name, now=house.now, **values)


def states(house: House, install: Install) -> dict[str, str]:
    with house.database.read() as connection:
        return {each.name: each.state for each in progress.of(connection, install.id)}


def filled(house: House, install: Install, **counts: int) -> None:
    """Put so many records of each kind into the index."""
    with house.database.write() as connection:
        index = Index(connection, install.id, house.seal(install))
        kinds: tuple[Kind, ...] = ("account", "contact", "lead")
        for kind in kinds:
            found = [Record(kind, f"{kind}{n}", {"name": f"Åsa {n}"}) for n in range(counts.get(kind, 0))]
            index.write(index.prepare(found))


def of_run(page: BeautifulSoup, name: str) -> Tag:
    found = page.select_one(f"article[aria-labelledby={name.replace(':', '-')}]")
    assert found is not None
    return found


def buttons(page: BeautifulSoup, name: str) -> list[str]:
    return [each.get_text(strip=True) for each in of_run(page, name).select("button")]


def test_an_install_that_has_no_work_yet_says_so(alice: Browser, acme: Install) -> None:
    text = alice.page(path(acme)).get_text(" ", strip=True)
    assert "There was no long work yet." in text
    assert "0 leads are known. Reading all of them takes about 0 API calls" in text


def test_each_run_says_how_far_it_is_and_how_long_it_will_take(house: House, alice: Browser, acme: Install) -> None:
    started = house.now - timedelta(minutes=10)
    begun(house, acme, "backfill:lead", state="running", done=500, total=2000, started_at=started)
    begun(house, acme, "try:all", state="done", done=9, total=9, reason="Tried, nothing was changed: 4 matched")
    begun(house, acme, "backfill:account", state="failed", done=3, reason="Lead is not readable")
    begun(house, acme, "standings", state="failed")
    page = alice.page(path(acme))
    assert "Reading leads Under way" in of_run(page, "backfill:lead").get_text(" ", strip=True)
    assert "500 of 2,000 records About 30 minutes left" in of_run(page, "backfill:lead").get_text(" ", strip=True)
    bar = of_run(page, "backfill:lead").progress
    assert bar is not None
    assert (bar["value"], bar["max"]) == ("500", "2000")
    assert "Tried, nothing was changed: 4 matched." in of_run(page, "try:all").get_text(" ", strip=True)
    assert "Stopped" in of_run(page, "backfill:account").get_text(" ", strip=True)
    assert "Try what stopped again" in page.text
    assert "Writing to the pools" not in page.text, "nobody asked for that"
    part = alice.get(path(acme), headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<div id="all-runs"')
    assert "every 2s" in part


def test_a_reading_is_paused_and_goes_on_but_not_cancelled(house: House, alice: Browser, acme: Install) -> None:
    begun(house, acme, "backfill:lead", state="running", done=5)
    assert buttons(alice.page(path(acme)), "backfill:lead") == ["Pause"]
    for do, state in (("pause", "paused"), ("resume", "waiting")):
        assert alice.submit(f"{path(acme)}/backfill:lead", do=do).status_code == 303
        assert states(house, acme)["backfill:lead"] == state
    alice.submit(f"{path(acme)}/backfill:lead", do="cancel")
    assert "Nothing was changed: it is through already" in alice.page(path(acme)).text
    assert states(house, acme)["backfill:lead"] == "waiting"
    assert [(each.by, each.did, each.about) for each in log.listed(house, acme).changes] == [
        (ALICE, "run resume", "backfill:lead"), (ALICE, "run pause", "backfill:lead"),
    ]  # fmt: skip


@pytest.mark.parametrize("state", ["running", "paused"])
def test_a_mass_match_is_cancelled_wherever_it_stands(house: House, alice: Browser, acme: Install, state: str) -> None:
    begun(house, acme, "match:unmatched", state=state, done=5)
    alice.submit(f"{path(acme)}/match:unmatched", do="cancel")
    assert states(house, acme)["match:unmatched"] == "done"
    assert "Cancelled." in alice.page(path(acme)).text


def test_a_mass_match_is_begun_with_an_estimate_and_not_twice(house: House, alice: Browser, acme: Install) -> None:
    filled(house, acme, lead=201)
    text = alice.page(path(acme)).get_text(" ", strip=True)
    assert "201 leads are known. Reading all of them takes about 2 API calls" in text
    alice.submit(path(acme), what="try", which="unmatched")
    assert states(house, acme) == {"try:unmatched": "waiting"}
    assert house.rung == [acme.id]
    alice.submit(path(acme), what="try", which="unmatched")
    assert "This run is under way already." in alice.page(path(acme)).text
    for fields in ({"what": "dance"}, {"what": "match", "which": "some"}, {}):
        assert alice.submit(path(acme), **fields).status_code == 400


def test_the_whole_crm_is_read_again_on_request(house: House, alice: Browser, acme: Install) -> None:
    filled(house, acme, account=3, contact=1, lead=1)
    estimates = runs.estimates(house, acme)
    assert (estimates.reading, estimates.records["account"]) == (3, 3), "a call for each kind"
    begun(house, acme, "backfill:lead", state="done", done=1)
    alice.submit(path(acme), what="reading")
    assert set(states(house, acme).values()) == {"waiting"}
    alice.submit(path(acme), what="reading")
    assert "A reading is under way already." in alice.page(path(acme)).text


def test_a_clean_up_stands_here_too_with_what_it_found(house: House, alice: Browser, acme: Install) -> None:
    run = Cleanup("cleanup:1", "Zoë", NOW, counts={"found": 1}, calls=7, spent=3)
    with house.database.write() as connection:
        cleanups.put(connection, acme.id, house.seal(acme), run)
        pairs.suggest(connection, acme.id, house.seal(acme), [PAIR], now=NOW, run=run.name)
    begun(house, acme, run.name, state="done", done=2, total=2)
    text = of_run(alice.page(path(acme)), run.name).get_text(" ", strip=True)
    assert "Pairs found 1 Merged 0 Wait for a person 1" in text
    assert "3 API calls spent on reading and planning, 7 expected in all." in text
    assert "=Zoë" not in text
    lines = alice.get(f"/installs/{acme.id}/cleanup/{run.name}/pairs.csv").data.decode("utf-8-sig").splitlines()
    assert "Zoë Ünal | '=Zoë" in lines[1]  # text in a spreadsheet too, no formula
    alice.submit(f"{path(acme)}/{run.name}", do="apply")
    assert "Nothing is merged by itself" in alice.page(path(acme)).text


def test_a_run_whose_progress_is_forgotten_is_still_told(house: House, acme: Install) -> None:
    with house.database.write() as connection:
        cleanups.put(connection, acme.id, house.seal(acme), replace(Cleanup("cleanup:2", "Ana", NOW)))
    (run,) = runs.listing(house, acme)
    assert (run.name, run.state, run.can) == ("cleanup:2", "done", frozenset({"export"}))


def test_runs_of_another_tenant_do_not_exist(house: House, alice: Browser, anyone: Browser, acme: Install) -> None:
    other = house.connect("hubspot", "77", "Other", admin="9")
    begun(house, other, "match:all", state="running")
    assert alice.get(path(other)).status_code == 404
    assert alice.submit(path(other), what="reading").status_code == 404
    assert alice.submit(f"{path(other)}/match:all", do="pause").status_code == 404
    assert alice.submit(f"{path(acme)}/match:all", do="pause").status_code == 404
    assert alice.submit(f"{path(acme)}/match:all", do="dance").status_code == 400
    assert alice.post(path(acme), data={"what": "reading"}).status_code == 400
    assert anyone.get(path(acme)).status_code == 303
    assert states(house, other) == {"match:all": "running"}
