"""The pages Duplicates and Clean-up: what is asked, side by side, what each answer does, and the runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
from bs4 import BeautifulSoup

from connector.errors import Later
from connector.rows import RuleRow
from connector.store import installs, notes, pairs, progress, rulesets
from connector.store.installs import Install
from connector.store.pairs import Asked, State, Suggestion
from jobs import cleanup
from jobs.drain import drain
from rules.actions import Member
from rules.model import Evidence, Record
from rules.ruleset import Source
from tests.connector.web.kit import ANA, NOW, Browser, CheckedCrm, House
from tests.jobs.joining import JoiningCrm

POLICY = "- duplicates: One person, one record\n  mode: act\n"
KIM = Suggestion(
    (Member("lead", "k1"), Member("lead", "k2")),
    0.97,
    (Evidence("same_phone_number", "Both have the phone number +16505550100", 2.0),),
    names=("Kim Lee (lead k1)", "Kim <b>Lee</b> (lead k2)"),
    lead_id="k2",
    log_odds=3.5,
)
RAY = Suggestion((Member("lead", "r1"), Member("lead", "gone")), 0.8, names=("Ray", "=Ray"))


@pytest.fixture
def crm(house: House, acme: Install) -> JoiningCrm:
    """A CRM that merges, with Kim twice and Ray once, and a policy that acts."""
    made = JoiningCrm(people=[ANA])
    told = {"last_name": "Lee", "name": "Kim Lee", "phone": "+1 650 555 0100"}
    old = NOW - timedelta(days=9)
    made.add(
        Record("lead", "k1", {**told, "email": "kim@globex.com", "company": "Globex"}, ANA.id, old, old),
        Record("lead", "k2", {**told, "email": "kim@gmail.com", "title": "CEO"}, ANA.id, NOW, NOW),
        Record("lead", "r1", {"last_name": "Ito"}, ANA.id, old, old),
    )
    house.crms[acme.id] = cast("CheckedCrm", made)
    with house.database.write() as connection:
        seal = house.seal(acme)
        sources = [Source("policy", POLICY)]
        installs.set_mode(connection, acme.id, "act")
        rulesets.put(connection, acme.id, seal, sources=sources, version="v1", now=NOW)
        pairs.suggest(connection, acme.id, seal, [KIM, RAY], now=NOW, run="cleanup:1")
        for kind in ("account", "contact", "lead"):
            progress.start(connection, acme.id, f"backfill:{kind}", now=NOW)
            progress.move(connection, acme.id, f"backfill:{kind}", now=NOW, state="done")
    return made


def asked(house: House, install: Install, state: State) -> list[Asked]:
    with house.database.read() as connection:
        return pairs.open_(connection, install.id, house.seal(install), limit=9, state=state)


def at(install: Install, each: Suggestion = KIM) -> str:
    return f"/installs/{install.id}/duplicates/{each.key}"


def seen(page: BeautifulSoup) -> str:
    field = page.select_one("input[name=seen]")
    assert field is not None
    return str(field["value"])


def buttons(page: BeautifulSoup, where: str) -> list[str]:
    return [each.get_text(strip=True) for each in page.select(f"{where} button")]


def test_the_list_shows_the_surest_first_and_counts_each_state(alice: Browser, acme: Install, crm: JoiningCrm) -> None:
    page = alice.page(f"/installs/{acme.id}/duplicates")
    rows = [each.get_text(" ", strip=True) for each in page.select("tbody tr")]
    assert rows[0].startswith("Kim Lee (lead k1) · Kim <b>Lee</b> (lead k2) 97 % Both have the phone number")
    assert rows[1].startswith("Ray · =Ray 80 %")
    assert "2 wait for you" in page.get_text(" ", strip=True)
    assert page.select_one("nav a[aria-current=page]") is not None
    assert "There are none" in alice.page(f"/installs/{acme.id}/duplicates?state=merged").text
    linked = alice.page(f"/installs/{acme.id}").select_one(f"a[href='/installs/{acme.id}/duplicates']")
    assert linked is not None


def test_a_pair_is_shown_side_by_side_with_what_a_merge_does(alice: Browser, acme: Install, crm: JoiningCrm) -> None:
    page = alice.page(at(acme))
    rows = {row.th.get_text(strip=True): row for row in page.select("tbody tr") if row.th}
    cells = [cell.get_text(" ", strip=True) for cell in rows["Job title"].select("td")]
    assert cells == ["–", "CEO stays", "≠ different", "CEO"]  # noqa: RUF001 - as shown
    assert rows["Phone"].select("td")[2].get_text(strip=True) == "= the same"
    text = page.get_text(" ", strip=True)
    for words in ("Keeps Kim Lee (lead k1)", "Both have the phone number", "title : CEO", "15 days"):
        assert words.replace(" :", ":") in text.replace(" :", ":"), words
    assert buttons(page, "#answer") == ["Yes, merge them soa", "Show what comes of my choicesw", "Not the samer"]
    assert [each["data-key"] for each in page.select("[data-key]")] == ["a", "w", "r", "j"]
    assert all(each.get("aria-label") for each in page.select("#side-by-side ~ table select"))


def test_capitals_make_no_other_address_but_a_name_to_choose_from(
    alice: Browser, acme: Install, crm: JoiningCrm
) -> None:
    told = {"last_name": "Lee", "name": "Kim Lee", "phone": "+1 650 555 0100", "email": "kim@globex.com"}
    crm.add(
        Record("lead", "k1", told, ANA.id, NOW, NOW),
        Record("lead", "k2", {**told, "email": "KIM@Globex.com", "last_name": "LEE"}, ANA.id, NOW, NOW),
    )
    rows = {row.th.get_text(strip=True): row.get_text(" ") for row in alice.page(at(acme)).select("tbody tr") if row.th}
    assert "= the same" in rows["E-mail"]
    assert "different" in rows["Last name"]


def test_before_and_after_a_merge_it_is_said_until_when_it_can_be_taken_back(
    house: House, alice: Browser, acme: Install, crm: JoiningCrm
) -> None:
    assert "What you merge now can be taken back until 22 Dec 2026." in alice.page(at(acme)).get_text(" ", strip=True)
    alice.submit(at(acme), verdict="same", seen=seen(alice.page(at(acme))))
    drain(house.tools, acme.id)
    drain(house.tools, acme.id)
    (merged,) = asked(house, acme, "merged")
    story = f"/installs/{acme.id}/decisions/{merged.decision}"
    text = alice.page(story).get_text(" ", strip=True)
    assert "This merge can be taken back until" in text
    assert "Take it back…" in text
    assert "This merge can be taken back until" in alice.page(f"{story}/undo").get_text(" ", strip=True)
    with house.database.write() as connection:
        gone = (house.now + timedelta(hours=1)).isoformat()
        notes.put(connection, acme.id, notes.SNAPSHOTS_GONE, gone, now=house.now)
    text = alice.page(story).get_text(" ", strip=True)
    assert "cannot be taken back any more: its snapshot, which says what the records were, has expired." in text
    assert "Take it back…" not in text
    text = alice.page(f"{story}/undo").get_text(" ", strip=True)
    assert "Nothing goes back. A merge can be taken back for 30 days. This one could until" in text


def test_a_yes_is_taken_with_the_plan_that_was_seen_and_the_next_pair_opens(
    house: House, alice: Browser, acme: Install, crm: JoiningCrm
) -> None:
    plan = seen(alice.page(at(acme)))
    answer = alice.submit(at(acme), verdict="same", seen=plan)
    assert answer.status_code == 303
    assert answer.location.endswith(f"{at(acme, RAY)}#next")
    taken = asked(house, acme, "accepted")[0]
    assert (taken.answer.by, taken.answer.seen) == ("Alice Adams", plan)
    with house.database.read() as connection:
        said = pairs.labels(connection, acme.id, house.seal(acme), taken.ids)
    assert [(each.status, each.by) for each in said.values()] == [("same", "Alice Adams")]
    assert house.rung == [acme.id]
    assert "Taken." in alice.page(at(acme, RAY)).text


def test_another_survivor_and_another_value_are_shown_first_and_then_taken(
    house: House, alice: Browser, acme: Install, crm: JoiningCrm
) -> None:
    wanted = {"survivor": "k2", "take.email": "k1"}
    unseen = alice.submit(at(acme), verdict="same", seen=seen(alice.page(at(acme))), **wanted)
    assert unseen.status_code == 422
    assert "would come to something else than you saw" in unseen.text
    page = alice.page(f"{at(acme)}?survivor=k2&take.email=k1")
    assert "Keeps Kim Lee (lead k2)" in page.get_text(" ", strip=True)
    assert alice.submit(at(acme), verdict="same", seen=seen(page), **wanted).status_code == 303
    edit = asked(house, acme, "accepted")[0].answer.edit
    assert (edit.survivor_id, edit.values_from, edit.by) == ("k2", {"email": "k1"}, "Alice Adams")


def test_a_record_that_changed_since_the_page_was_made_is_shown_again(
    house: House, alice: Browser, acme: Install, crm: JoiningCrm
) -> None:
    plan = seen(alice.page(at(acme)))
    kim = crm.records["lead", "k2"]
    crm.add(replace(kim, fields={**kim.fields, "title": "CFO"}))
    answer = alice.submit(at(acme), verdict="same", seen=plan)
    assert answer.status_code == 422
    assert "CFO" in answer.text
    assert asked(house, acme, "accepted") == []


def test_of_two_people_who_answer_the_first_is_heard(
    house: House, alice: Browser, acme: Install, crm: JoiningCrm
) -> None:
    plan = seen(alice.page(at(acme)))
    alice.submit(at(acme), verdict="different")
    late = alice.submit(at(acme), verdict="same", seen=plan)
    assert late.status_code == 303
    assert "Nobody asks about this any more" in alice.page(f"/installs/{acme.id}/duplicates").text
    assert [each.state for each in asked(house, acme, "rejected")] == ["rejected"]


def undo(alice: Browser, install: Install) -> str:
    assert alice.submit(f"/installs/{install.id}/duplicates/undo").status_code == 303
    return alice.page(f"/installs/{install.id}/duplicates").get_text(" ", strip=True)


@pytest.mark.parametrize("verdict", ["same", "different"])
def test_the_last_answer_is_taken_back_and_the_pair_is_asked_about_again(
    house: House, alice: Browser, acme: Install, crm: JoiningCrm, verdict: str
) -> None:
    alice.submit(at(acme), verdict=verdict, seen=seen(alice.page(at(acme))))
    page = alice.page(f"/installs/{acme.id}/duplicates")
    assert "1 of 2" in page.get_text(" ", strip=True)
    assert page.select_one("[data-key=u]") is not None
    assert "Taken back. You are asked again" in undo(alice, acme)
    assert [each.key for each in asked(house, acme, "open")] == [KIM.key, RAY.key]
    with house.database.read() as connection:
        assert pairs.said(connection, acme.id, house.seal(acme)) == []
    assert "There is nothing to take back" in undo(alice, acme)


def test_what_is_merged_already_is_taken_apart(house: House, alice: Browser, acme: Install, crm: JoiningCrm) -> None:
    alice.submit(at(acme), verdict="same", seen=seen(alice.page(at(acme))))
    with house.database.write() as connection:
        (taken,) = pairs.open_(connection, acme.id, house.seal(acme), limit=9, state="accepted")
        done = replace(taken, state="merged", decision="d9m")
        pairs.move(connection, acme.id, house.seal(acme), taken, done)
    assert "taken apart" in undo(alice, acme)
    with house.database.read() as connection:
        works = [each for each in progress.of(connection, acme.id) if each.name.startswith("undo:")]
    assert [(each.state, each.total) for each in works] == [("waiting", 1)]
    assert asked(house, acme, "open")[0].key == RAY.key, "that stays answered until it is apart"


def test_an_answer_of_somebody_else_is_not_taken_back(
    house: House, alice: Browser, acme: Install, crm: JoiningCrm
) -> None:
    alice.submit(at(acme), verdict="different")
    with house.database.write() as connection:
        installs.add_admin(connection, acme.id, "005000000000002AAA", house.now)
    alice.sign_in("salesforce", acme.tenant_id, "005000000000002AAA")
    assert "There is nothing to take back" in undo(alice, acme)
    assert len(asked(house, acme, "rejected")) == 1


def test_what_is_only_in_the_snapshot_after_a_merge_is_told(alice: Browser, acme: Install, crm: JoiningCrm) -> None:
    page = alice.page(at(acme))
    lost = [each.get_text(" ", strip=True) for each in page.select("section[aria-labelledby=comes-of-it] li:has(del)")]
    assert lost == ["E-mail: kim@gmail.com"]
    page = alice.page(f"{at(acme)}?take.email=k2")
    assert "kim@globex.com" in "".join(each.text for each in page.select("del"))


def test_the_keys_lead_to_the_pair_behind_and_before(alice: Browser, acme: Install, crm: JoiningCrm) -> None:
    def link(page: BeautifulSoup, key: str) -> str:
        found = page.select_one(f"a[data-key={key}]")
        return "" if found is None else str(found["href"])

    first, second = alice.page(at(acme)), alice.page(at(acme, RAY))
    assert (link(first, "k"), link(first, "j")) == ("", f"{at(acme, RAY)}#next")
    assert (link(second, "k"), link(second, "j")) == (f"{at(acme)}#next", f"/installs/{acme.id}/duplicates")
    scripts = [str(each["src"]).partition("?")[0] for each in first.select("script[src]")]
    assert "/static/queue.js" in scripts


def test_the_sure_ones_are_merged_at_once_as_they_were_seen(
    house: House, alice: Browser, acme: Install, crm: JoiningCrm
) -> None:
    path = f"/installs/{acme.id}/duplicates/sure"
    assert "None of the pairs that wait is so sure." in alice.page(path).text
    kim = crm.records["lead", "k2"]
    crm.add(replace(kim, fields={**kim.fields, "email": "kim@globex.com", "company": "Globex"}))
    with house.database.write() as connection:
        pairs.suggest(connection, acme.id, house.seal(acme), [replace(KIM, confidence=0.9995)], now=NOW)
    (box,) = alice.page(path).select("input[type=checkbox][name^='plan.']")
    answer = alice.submit(path, **{str(box["name"]): str(box["value"]), "plan.none": "x"})
    assert answer.status_code == 303
    (taken,) = asked(house, acme, "accepted")
    assert (taken.key, taken.answer.seen, taken.answer.by) == (KIM.key, str(box["value"]), "Alice Adams")
    assert "1 pair is merged now." in alice.page(f"/installs/{acme.id}/duplicates").text

    def away(_call: str) -> None:
        raise Later("Salesforce is away", seconds=5)

    undo(alice, acme)
    crm.before = away
    assert "Salesforce is away." in alice.page(path).text


def test_an_observing_connection_merges_nothing_at_once(
    house: House, alice: Browser, acme: Install, crm: JoiningCrm
) -> None:
    with house.database.write() as connection:
        installs.set_mode(connection, acme.id, "observe")
    alice.submit(f"/installs/{acme.id}/duplicates/sure", **{f"plan.{KIM.key}": "x"})
    assert "only observes" in alice.page(f"/installs/{acme.id}/duplicates").text
    assert asked(house, acme, "accepted") == []


def test_what_is_gone_or_cannot_be_read_is_said(alice: Browser, acme: Install, crm: JoiningCrm) -> None:
    assert "Fewer than two of the records are left." in alice.page(at(acme, RAY)).text

    def away(_call: str) -> None:
        raise Later("Salesforce is away", seconds=5)

    crm.before = away
    assert "Salesforce is away." in alice.page(at(acme)).text
    assert alice.submit(at(acme), verdict="same", seen="x").status_code == 422


def test_an_answer_without_sense_a_token_or_a_pair_is_refused(alice: Browser, acme: Install, crm: JoiningCrm) -> None:
    assert alice.submit(at(acme), verdict="perhaps").status_code == 400
    assert alice.post(at(acme), data={"verdict": "different"}).status_code == 400
    assert alice.get(f"/installs/{acme.id}/duplicates/none").status_code == 404


def test_an_observing_connection_takes_no_yes(house: House, alice: Browser, acme: Install, crm: JoiningCrm) -> None:
    with house.database.write() as connection:
        installs.set_mode(connection, acme.id, "observe")
    page = alice.page(at(acme))
    assert "only observes" in page.text
    assert [each["href"] for each in page.select(".notice.wait a")] == [f"/installs/{acme.id}/settings#mode"]
    assert not any("merge them so" in each for each in buttons(page, "#answer"))
    assert alice.submit(at(acme), verdict="same", seen=seen(page)).status_code == 422


def test_a_policy_that_only_observes_is_a_click_away(
    house: House, alice: Browser, acme: Install, crm: JoiningCrm
) -> None:
    text = POLICY.replace("act", "observe")
    crm.rule_rows = [RuleRow("One person, one record", "duplicates", 10, text, id="p1")]
    sources = [Source("One person, one record (p1)", text)]
    with house.database.write() as connection:
        rulesets.put(connection, acme.id, house.seal(acme), sources=sources, version="v2", now=house.now)
    for path in (at(acme), f"/installs/{acme.id}/duplicates/sure"):
        (link,) = alice.page(path).select(".notice.wait a")
        assert link["href"] == f"/installs/{acme.id}/rules/edit/p1"
        assert "duplicates: One person" in alice.page(str(link["href"])).text
    with house.database.write() as connection:
        rulesets.put(connection, acme.id, house.seal(acme), sources=[], version="v3", now=house.now)
    (link,) = alice.page(at(acme)).select(".notice.wait a")
    assert link["href"] == f"/installs/{acme.id}/rules/edit/new/duplicates"


def test_a_run_is_begun_paused_resumed_and_cancelled(
    house: House, alice: Browser, acme: Install, crm: JoiningCrm
) -> None:
    path = f"/installs/{acme.id}/cleanup"
    assert "Merge what is surely the same, without asking" in alice.page(path).text
    assert alice.submit(path, apply="yes").status_code == 303
    page = alice.page(path)
    assert "It begins now" in page.text
    with house.database.read() as connection:
        name = next(each.name for each in progress.of(connection, acme.id) if each.name.startswith("cleanup:"))
    assert buttons(page, "article") == ["Pause", "Cancel it"]
    alice.submit(path)
    assert cleanup.UNDERWAY in alice.page(path).text
    for does, left in (("pause", ["Go on", "Cancel it"]), ("resume", ["Pause", "Cancel it"]), ("cancel", [])):
        assert alice.submit(f"{path}/{name}", do=does).status_code == 303
        assert buttons(alice.page(path), "article") == left
    assert alice.submit(f"{path}/{name}", do="dance").status_code == 400
    assert alice.submit(f"{path}/cleanup:other", do="pause").status_code == 404
    part = alice.get(path, headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<div id="cleanups"')


def test_a_run_s_finds_are_a_table_that_no_spreadsheet_runs(
    house: House, alice: Browser, acme: Install, crm: JoiningCrm
) -> None:
    path = f"/installs/{acme.id}/cleanup"
    alice.submit(path)
    with house.database.write() as connection:
        name = next(each.name for each in progress.of(connection, acme.id) if each.name.startswith("cleanup:"))
        told = replace(RAY, members=(Member("lead", "x1"), Member("lead", "x2")), names=("=Ray", "Ray"))
        pairs.suggest(connection, acme.id, house.seal(acme), [told], now=NOW, run=name)
    answer = alice.get(f"{path}/{name}/pairs.csv")
    assert answer.mimetype == "text/csv"
    lines = answer.data.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("key,state,confidence,records")
    assert "'=Ray | Ray" in lines[1]
    assert len(lines) == 2


def test_somebody_else_s_pairs_do_not_exist(house: House, alice: Browser, crm: JoiningCrm) -> None:
    other = house.connect("salesforce", "00D000000000009AAA", "Other", admin="005000000000009AAA")
    with house.database.write() as connection:
        pairs.suggest(connection, other.id, house.seal(other), [KIM], now=NOW)
    for path in ("duplicates/undo", "duplicates/sure", f"duplicates/{KIM.key}"):
        assert alice.submit(f"/installs/{other.id}/{path}", verdict="different").status_code == 404
    for path in ("duplicates", "duplicates/sure", f"duplicates/{KIM.key}", "cleanup", "cleanup/cleanup:1/pairs.csv"):
        assert alice.get(f"/installs/{other.id}/{path}").status_code == 404
