"""Changes: what people did stands there in plain words, the newest first, and the mode can be taken back."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

from connector.desk import keys, log, settings
from connector.store import changes, decisions, notes, progress
from connector.store.installs import Install
from connector.store.memos import StoredMemo
from jobs import clock, expiry
from jobs.rulebook import DIRECTORY
from rules.model import User
from tests.connector.web.conftest import ALICE
from tests.connector.web.kit import Browser, House, decision


def lines(alice: Browser, install: Install, query: str = "") -> list[str]:
    page = alice.page(f"/installs/{install.id}/changes{query}")
    return [" ".join(row.get_text(" ").split()) for row in page.select("tbody tr")]


def test_a_page_without_changes_says_so(alice: Browser, acme: Install) -> None:
    page = alice.page(f"/installs/{acme.id}/changes")
    assert "Nobody has changed anything yet." in page.text
    assert "Nothing fits." in alice.page(f"/installs/{acme.id}/changes?did=mode").text


def test_the_mode_is_noted_and_taken_back_while_it_holds(house: House, alice: Browser, acme: Install) -> None:
    at = f"/installs/{acme.id}"
    alice.submit(f"{at}/settings/mode", mode="act", understood="yes")
    (line,) = lines(alice, acme)
    assert "Switched the mode" in line
    assert "Observe → Act" in line
    form = alice.page(f"{at}/changes").select_one("tbody form")
    assert form is not None
    fields = {str(each["name"]): str(each["value"]) for each in form.select("input")}
    assert alice.post(str(form["action"]), data=fields).status_code == 303
    now = house.install(acme.id)
    assert now is not None
    assert now.mode == "observe"
    assert len(lines(alice, acme)) == 2
    settings.set_mode(house, now, "suggest", understood=False, by="key:x")
    page = alice.page(f"{at}/changes")
    assert len(page.select("tbody form")) == 1, "only the last switch of the mode can be taken back"


def test_the_list_is_narrowed_and_turned_page_by_page(house: House, alice: Browser, acme: Install) -> None:
    key = keys.issue(house, acme, name="Nightly", scopes=["read"], by=ALICE, expires=None).key
    for number in range(log.PAGE):
        house.now += timedelta(minutes=1)
        log.note(house, acme, by=f"key:{key.id}", did="retry", about=str(number))
    page = alice.page(f"/installs/{acme.id}/changes")
    assert len(page.select("tbody tr")) == log.PAGE
    assert "Key “Nightly”" in page.select("tbody tr")[0].text
    older = next(each for each in page.select("p.tools a") if each.text == "Older")
    (last,) = alice.page(str(older["href"])).select("tbody tr")
    assert "Made an API key" in last.text
    assert len(lines(alice, acme, f"?by={ALICE}")) == 1
    assert len(lines(alice, acme, "?did=retry")) == log.PAGE
    alice.page(f"/installs/{acme.id}/changes?before=x", status=400)
    alice.page(f"/installs/{acme.id}/changes?before={'9' * 30}", status=400)


def test_what_a_change_was_about_is_sealed_and_nobody_elses(house: House, acme: Install) -> None:
    other = house.connect("hubspot", "77", "Other portal")
    log.note(house, acme, by=ALICE, did="cleanup", about="Warblerton")
    assert log.listed(house, other).changes == ()
    with house.database.read() as connection:
        assert "Warblerton" not in str(connection.execute(changes.change.select()).all())


def test_how_long_decisions_are_kept_is_each_installs_choice(house: House, alice: Browser, acme: Install) -> None:
    other, days = house.connect("hubspot", "77", "Other portal"), house.settings.decision_days
    for install in (acme, other):
        house.decide(install, decision("old"), at=house.now - timedelta(days=8))
        house.decide(install, decision("new"), at=house.now - timedelta(days=6))
    at = f"/installs/{acme.id}/settings"
    for wrong in ("0", str(days + 1), "x", ""):
        answer = alice.submit(f"{at}/keep", days=wrong, fewer_days="yes")
        assert (answer.status_code, f"Choose from 1 to {days} days." in answer.text) == (422, True)
    answer = alice.submit(f"{at}/keep", days="7")
    assert (answer.status_code, "Tick the box that says" in answer.text) == (422, True)
    clock.clean(house.tools)
    assert there(house, acme, "old"), "fewer days are meant, or nothing goes"
    assert alice.submit(f"{at}/keep", days="7", fewer_days="yes").status_code == 303
    clock.clean(house.tools)
    kept = {install.id: [each for each in ("old", "new") if there(house, install, each)] for install in (acme, other)}
    assert kept == {acme.id: ["new"], other.id: ["old", "new"]}
    assert "How many days decisions are kept" in lines(alice, acme)[0]
    assert alice.submit(f"{at}/keep", days="9").status_code == 303, "more days need no box"


def test_how_long_merges_can_be_undone_is_each_installs_choice_and_fewer_days_are_meant(
    house: House, alice: Browser, acme: Install
) -> None:
    at, days = f"/installs/{acme.id}/settings", house.settings.merge_undo_days
    for wrong in ("0", str(days + 1), "x", ""):
        answer = alice.submit(f"{at}/keep-snapshots", undo_days=wrong, fewer="yes")
        assert (answer.status_code, f"Choose from 1 to {days} days." in answer.text) == (422, True)
    answer = alice.submit(f"{at}/keep-snapshots", undo_days="7")
    assert (answer.status_code, "Tick the box that says" in answer.text) == (422, True)
    assert settings.read(house, acme).undo_days == days
    assert alice.submit(f"{at}/keep-snapshots", undo_days="7", fewer="yes").status_code == 303
    assert settings.read(house, acme).undo_days == 7
    with house.database.read() as connection:
        (work,) = [each for each in progress.of(connection, acme.id) if each.name == expiry.NAME]
    assert work.state == "waiting", "older ones go at once"
    assert "Chose how long merges can be taken back" in lines(alice, acme)[0]
    assert alice.submit(f"{at}/keep-snapshots", undo_days="9").status_code == 303, "more days need no box"


def there(house: House, install: Install, key: str) -> bool:
    with house.database.read() as connection:
        return decisions.by_key(connection, install.id, house.seal(install), key) is not None


def test_an_operator_who_keeps_less_is_stronger_than_an_install(house: House, acme: Install) -> None:
    with house.database.write() as connection:
        notes.put(connection, acme.id, notes.DECISION_DAYS, "9999", now=house.now)
    assert settings.read(house, acme).decision_days == house.settings.decision_days


def test_the_clock_forgets_what_is_older_than_a_year(house: House, acme: Install) -> None:
    log.note(house, acme, by=ALICE, did="mode", about="act", before="observe")
    house.now += timedelta(days=house.settings.change_days, seconds=1)
    log.note(house, acme, by=ALICE, did="mode", about="observe", before="act")
    clock.clean(house.tools)
    assert [each.about for each in log.listed(house, acme).changes] == ["observe"]


def test_people_work_and_modes_are_told_by_their_names(house: House, alice: Browser, acme: Install) -> None:
    know(house, acme, User("005000000000007AAA", "Bea Bell"))
    for did, about in (
        ("manager made", "005000000000007AAA"),
        ("plan absence", "005000000000007AAA 2026-12-20 2026-12-31"),
        ("pause", "005000000000099AAA"),
        ("run pause", "cleanup:d27df804"),
    ):
        log.note(house, acme, by=ALICE, did=did, about=about)
    run, stranger, absence, manager = lines(alice, acme)
    assert manager.endswith("Gave the role manager Bea Bell")
    assert absence.endswith("Planned an absence Bea Bell 2026-12-20 2026-12-31")
    assert stranger.endswith("Paused somebody 005000000000099AAA"), "who is in the CRM no more keeps their id"
    assert run.endswith("Paused long work Looking for duplicates")


def know(house: House, install: Install, *people: User) -> None:
    """Keep a list of the CRM's users, as workers do."""
    memo = StoredMemo(house.database, install.id, house.seal(install), house.clock)
    memo.put(DIRECTORY, [asdict(each) for each in people], seconds=60)
