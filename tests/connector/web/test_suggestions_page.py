"""The page of accounts for contacts: begun there, shown page by page in the viewer's language, and taken as a table."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from connector.desk import log
from connector.index import Index
from connector.store import cleanups, progress
from connector.store.cleanups import Tie
from connector.store.installs import Install
from jobs import contacts
from rules.model import Record
from rules.wording import catalogue
from tests.connector.web.conftest import ALICE
from tests.connector.web.kit import Browser, House


def path(install: Install) -> str:
    return f"/installs/{install.id}/runs/contacts"


def found(house: House, install: Install, count: int = 2) -> None:
    """What a run has found: so many contacts of Globex, each less sure than the one before."""
    seal = house.seal(install)
    with house.database.write() as connection:
        people = [
            Record("contact", f"c{n}", {"name": f"Zoë <b>{n}", "email": f"zoe{n}@globex.com", "company": "Globex Corp"})
            for n in range(count)
        ]
        globex = Record("account", "a1", {"name": "Globex Corporation", "website": "globex.com"})
        Index(connection, install.id, seal).put([globex, *people])
        contacts.start(connection, install, seal, by="Zoë", version="v1", now=house.now)
        ties = [Tie(each.id, "a1", ("contact", "account"), 0.99 - n / 100) for n, each in enumerate(people)]
        cleanups.tie(connection, install.id, contacts.NAME, ties)
        told = contacts.told({"count": 1200, "found": count})
        progress.move(connection, install.id, contacts.NAME, now=house.now, state="done", done=1300, reason=told)


def state(house: House, install: Install) -> str:
    with house.database.read() as connection:
        return {each.name: each.state for each in progress.of(connection, install.id)}[contacts.NAME]


def test_it_is_begun_from_either_page_and_not_twice(house: House, alice: Browser, acme: Install) -> None:
    page = alice.page(path(acme)).get_text(" ", strip=True)
    assert "Nobody has looked yet" in page
    assert "There are none yet." in page
    assert "Look for the accounts of contacts" in alice.page(f"/installs/{acme.id}/runs").text
    begun = alice.submit(f"/installs/{acme.id}/runs", what="suggest")
    assert (begun.status_code, begun.headers["Location"]) == (303, path(acme))
    assert (state(house, acme), house.rung) == ("waiting", [acme.id])
    assert [(each.by, each.did, each.about) for each in log.listed(house, acme).changes] == [
        (ALICE, "run begun", contacts.NAME)
    ]
    shown = alice.page(path(acme))
    assert "Waits for its turn" in shown.text
    assert not shown.select("button[value=suggest]"), "it is under way"
    part = alice.get(path(acme), headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<div id="suggestions"')
    assert "every 2s" in part
    alice.submit(f"/installs/{acme.id}/runs", what="suggest")
    assert "This run is under way already." in alice.page(path(acme)).text


def test_it_is_paused_goes_on_and_is_cancelled(house: House, alice: Browser, acme: Install) -> None:
    alice.submit(f"/installs/{acme.id}/runs", what="suggest")
    for do, wanted in (("pause", "paused"), ("resume", "waiting"), ("cancel", "done")):
        assert alice.submit(f"/installs/{acme.id}/runs/{contacts.NAME}", do=do).status_code == 303
        assert state(house, acme) == wanted
    assert "Cancelled." in alice.page(path(acme)).text


def test_what_it_found_is_shown_with_the_evidence_and_links_to_both(
    house: House, alice: Browser, acme: Install
) -> None:
    found(house, acme)
    page = alice.page(path(acme))
    text = page.get_text(" ", strip=True)
    assert "2 suggestions are kept" in text
    assert "2 of 1,200 contacts without an account may belong to one." in text
    rows = [[cell.get_text(" ", strip=True) for cell in row.select("th, td")] for row in page.select("tbody tr")]
    assert [row[2][:2] for row in rows] == ["99", "98"]
    assert rows[0][0].startswith("Zoë <b>0")
    assert rows[0][1].startswith("Globex Corporation")
    assert "globex.com" in rows[0][3]
    assert {str(each["href"]).rpartition("/")[2] for each in page.select("tbody a")} == {"c0", "c1", "a1"}


@pytest.mark.parametrize("language", ["de", "pt_BR"])
def test_the_evidence_is_told_in_the_viewers_language(
    house: House, alice: Browser, acme: Install, language: str
) -> None:
    found(house, acme, 1)
    with catalogue.speaking(language):
        header = {"Accept-Language": language.replace("_", "-")}
        page = alice.get(path(acme), headers=header).text
    assert "Both use" not in page
    assert "contacts without an account" not in page
    assert "globex.com" in page


def test_pages_lead_on_and_a_made_up_place_is_the_first_page(house: House, alice: Browser, acme: Install) -> None:
    found(house, acme, 51)
    first = alice.page(path(acme))
    assert len(first.select("tbody tr")) == 50
    (link,) = [each for each in first.select("main a") if each.get_text() == "The next ones"]
    second = alice.page(str(link["href"]))
    assert [each.get_text(" ", strip=True)[:8] for each in second.select("tbody th")] == ["Zoë <b>5"]
    for place in ("sure=nan", "sure=x&one=a", "sure=inf", "sure=0.5&one=%00"):
        assert len(alice.page(f"{path(acme)}?{place}").select("tbody tr")) == 50


def test_who_has_an_account_meanwhile_is_shown_no_more(house: House, alice: Browser, acme: Install) -> None:
    found(house, acme, 1)
    with house.database.write() as connection:
        linked = Record("contact", "c0", {"name": "Zoë", "email": "zoe0@globex.com", "account_id": "a1"})
        Index(connection, acme.id, house.seal(acme)).put([linked])
    assert "None is left here: these contacts have an account meanwhile" in alice.page(path(acme)).text


def rows(page: BeautifulSoup) -> list[str]:
    return [each.get_text(" ", strip=True).partition(" ")[2][:4] for each in page.select("tbody th")]


def test_what_is_wrong_is_said_so_row_by_row_and_taken_back(house: House, alice: Browser, acme: Install) -> None:
    found(house, acme, 3)
    page = alice.page(path(acme))
    assert rows(page) == ["<b>0", "<b>1", "<b>2"]
    assert not page.select('form[action$="/contacts/undo"]')
    (form,) = page.select("tbody tr:nth-of-type(2) form")
    button = form.select_one("button")
    assert button
    assert button["aria-label"] == "Not this account: Zoë <b>1, Globex Corporation"
    told = {str(each["name"]): str(each["value"]) for each in form.select("input[type=hidden]")}
    answer = alice.post(str(form["action"]), data=told)
    assert (answer.status_code, answer.headers["Location"]) == (303, path(acme))
    page = alice.page(path(acme))
    assert "Noted. That account is suggested for this contact no more." in page.text
    assert rows(page) == ["<b>0", "<b>2"]
    alice.submit(f"{path(acme)}/reject", contact="c1", account="a1")
    assert "Nobody suggests this account for this contact any more." in alice.page(path(acme)).text
    assert alice.submit(f"{path(acme)}/undo").status_code == 303
    page = alice.page(path(acme))
    assert "Taken back. That account may be suggested again." in page.text
    assert rows(page) == ["<b>0", "<b>1", "<b>2"]
    alice.submit(f"{path(acme)}/undo")
    assert "There is nothing to take back" in alice.page(path(acme)).text
    did = [each.did for each in log.listed(house, acme).changes]
    assert did == ["undo suggestion", "suggestion rejected"]
    assert house.rung == [acme.id, acme.id]


def test_who_answers_on_a_later_page_stays_there(house: House, alice: Browser, acme: Install) -> None:
    found(house, acme, 52)
    (link,) = [each for each in alice.page(path(acme)).select("main a") if each.get_text() == "The next ones"]
    (first, _) = alice.page(str(link["href"])).select('form[action*="/contacts/reject"]')
    answer = alice.submit(str(first["action"]), contact="c50", account="a1")
    assert len(alice.page(answer.headers["Location"]).select("tbody tr")) == 1


def test_it_is_taken_as_a_table(house: House, alice: Browser, acme: Install) -> None:
    found(house, acme)
    (link,) = [each for each in alice.page(path(acme)).select("main a") if str(each["href"]).endswith(".csv")]
    answer = alice.get(str(link["href"]))
    assert 'filename="suggest-contacts.csv"' in answer.headers["Content-Disposition"]
    head, first, second = answer.data.decode("utf-8-sig").splitlines()
    assert head == "contact_id,contact,account_id,account,confidence,evidence"
    assert first.startswith("c0,Zoë <b>0,a1,Globex Corporation,0.9900,")
    assert second.startswith("c1,")


def test_another_tenants_suggestions_do_not_exist(house: House, alice: Browser, anyone: Browser, acme: Install) -> None:
    other = house.connect("hubspot", "77", "Other", admin="9")
    found(house, other)
    assert alice.get(path(other)).status_code == 404
    assert alice.submit(f"/installs/{other.id}/runs", what="suggest").status_code == 404
    assert alice.get(f"/installs/{acme.id}/cleanup/{contacts.NAME}/pairs.csv").status_code == 404
    assert "Zoë" not in alice.page(path(acme)).text
    assert anyone.get(path(acme)).status_code == 303
