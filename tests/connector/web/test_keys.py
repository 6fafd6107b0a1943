"""Keys of the API: shown once, kept as a digest, opened by the whole of their text alone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select, update

from connector.desk import keys, log
from connector.desk.faults import NotThere, Unusable
from connector.store import api_keys, installs
from connector.store.api_keys import ApiKey, api_key
from connector.store.base import Database
from connector.store.installs import Install
from tests.connector.web.conftest import ALICE, ORG
from tests.connector.web.kit import Browser, CheckedCrm, House

BOB = "005000000000002AAA"


@pytest.fixture
def acme(house: House) -> Install:
    made = house.connect("salesforce", ORG, "Acme Corp", admin=ALICE)
    house.crms[made.id] = CheckedCrm([])
    return made


def issue(house: House, install: Install, *, days: int = 0, name: str = "Export") -> keys.Issued:
    expires = house.now + timedelta(days=days) if days else None
    return keys.issue(house, install, name=name, scopes=["read", "rules:write"], by=ALICE, expires=expires)


def opened(house: House, token: str) -> tuple[str, ApiKey] | None:
    found = keys.opened(house, token)
    return (found[0].id, found[1]) if found else None


def test_a_key_opens_its_install_with_its_scopes(house: House, acme: Install) -> None:
    other = house.connect("hubspot", "77", "Other portal")
    made, others = issue(house, acme), issue(house, other)
    found = opened(house, made.token)
    assert found is not None
    assert (found[0], sorted(found[1].scopes), found[1].by) == (acme.id, ["read", "rules:write"], ALICE)
    assert opened(house, others.token) is not None
    assert [each.id for each in keys.listed(house, acme)] == [made.key.id]


def test_nothing_but_the_whole_key_opens(house: House, acme: Install) -> None:
    token, other = issue(house, acme).token, issue(house, acme, name="Other").token
    head, id_, secret = token.split("_")
    turned = secret[:-1] + ("0" if secret[-1] != "0" else "1")
    wrong = ("", "sy_", token[:-1], f"{token}0", f" {token}", token.upper(), f"{head}_{id_}_{turned}")
    mixed = f"{head}_{id_}_{other.split('_')[2]}"
    unknown = f"{head}_{'0' * 16}_{secret}"
    assert [opened(house, each) for each in (*wrong, mixed, unknown, f"{token}\n")] == [None] * 10


def test_a_key_that_was_revoked_opens_nothing(house: House, acme: Install) -> None:
    made, stays = issue(house, acme), issue(house, acme, name="Other")
    assert keys.revoke(house, acme, made.key.id, by=ALICE).name == "Export"
    assert opened(house, made.token) is None
    assert opened(house, stays.token) is not None


def test_a_key_opens_nothing_after_its_time_or_its_install(house: House, acme: Install) -> None:
    short, long = issue(house, acme, days=1), issue(house, acme)
    house.now += timedelta(days=1)
    assert opened(house, short.token) is None
    assert opened(house, long.token) is not None
    with house.database.write() as connection:
        installs.remove(connection, acme.id)
    assert opened(house, long.token) is None


def test_another_installs_key_is_not_there(house: House, acme: Install) -> None:
    other, made = house.connect("hubspot", "77", "Other portal"), issue(house, acme)
    with pytest.raises(NotThere):
        keys.revoke(house, other, made.key.id, by=BOB)
    with pytest.raises(NotThere):
        keys.get(house, other, made.key.id)
    assert opened(house, made.token) is not None


def test_the_last_use_is_written_once_a_minute(house: House, acme: Install) -> None:
    made, first = issue(house, acme), house.now
    used = []
    for seconds in (0, 59, 60, 30):
        house.now += timedelta(seconds=seconds)
        keys.opened(house, made.token)
        used.append(keys.get(house, acme, made.key.id).used_at)
    assert used == [first, first, first + timedelta(seconds=119), first + timedelta(seconds=119)]


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (("", ["read"], 1), "name"),
        ((" \n ", ["read"], 1), "name"),
        (("n" * 81, ["read"], 1), "name"),
        (("Export", [], 1), "scopes"),
        (("Export", ["read", "everything"], 1), "scopes"),
        (("Export", ["read"], -1), "expires"),
    ],
)
def test_a_key_without_name_scope_or_future_is_not_made(
    house: House, acme: Install, wish: tuple[str, list[str], int], field: str
) -> None:
    name, scopes, days = wish
    with pytest.raises(Unusable) as refused:
        keys.issue(house, acme, name=name, scopes=scopes, by=ALICE, expires=house.now + timedelta(days=days))
    assert refused.value.field == field
    assert keys.listed(house, acme) == ()


def test_neither_key_nor_name_is_readable_in_the_database(house: House, acme: Install) -> None:
    token = issue(house, acme, name="Warblerton export").token
    path = Path(str(house.database.engine.url.database))
    house.database.close()
    content = path.read_bytes()
    assert b"digest" in content, "the search would find plain text"
    assert token.split("_")[2].encode() not in content
    assert b"Warblerton" not in content


def test_a_key_of_a_moved_database_row_opens_no_other_install(house: House, acme: Install) -> None:
    """The name of a key is sealed by its install: a row that was moved cannot be read there."""
    other, made = house.connect("hubspot", "77", "Other portal"), issue(house, acme)
    database: Database = house.database
    with database.write() as connection:
        connection.execute(update(api_key).values(install_id=other.id))
    with pytest.raises(Exception, match="sealed by another key"):
        keys.opened(house, made.token)


def test_the_page_shows_a_key_once_and_asks_before_it_is_revoked(house: House, alice: Browser, acme: Install) -> None:
    at = f"/installs/{acme.id}/access"
    answer = alice.submit(f"{at}/keys", name="Export", scope="read", days="90")
    assert answer.status_code == 200
    field = BeautifulSoup(answer.text, "html.parser").select_one("input#secret[readonly]")
    assert field is not None
    token = str(field["value"])
    found = opened(house, token)
    assert found is not None
    assert found[1].expires_at == house.now + timedelta(days=90)
    page = alice.page(at)
    assert token not in page.text
    assert "Export" in page.text
    (link,) = page.select("section[aria-labelledby=keys] td a")
    question = alice.page(str(link["href"]))
    assert "Revoke the key “Export”?" in question.text
    assert opened(house, token) is not None, "nothing was done yet"
    assert alice.submit(str(link["href"])).status_code == 303
    assert opened(house, token) is None
    assert [(each.did, each.by) for each in log.listed(house, acme).changes] == [
        ("key revoked", ALICE),
        ("key made", ALICE),
    ]
    assert "Revoked" in alice.page(at).select_one("section[aria-labelledby=keys]").text  # type: ignore[union-attr]


def test_the_page_says_what_is_missing_and_keeps_what_was_typed(house: House, alice: Browser, acme: Install) -> None:
    answer = alice.submit(f"/installs/{acme.id}/access/keys", name="Nightly", days="30")
    page = BeautifulSoup(answer.text, "html.parser")
    fault, name = page.select_one("#fault"), page.select_one("input#name")
    assert answer.status_code == 422
    assert fault is not None
    assert name is not None
    assert (fault.text, name["value"]) == ("Choose what the key may do.", "Nightly")
    assert alice.submit(f"/installs/{acme.id}/access/keys", name="x", scope="read", days="12").status_code == 400
    assert keys.listed(house, acme) == ()


def test_an_install_has_so_many_keys_and_no_more(house: House, acme: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MOST", 2)
    first = issue(house, acme)
    issue(house, acme)
    with pytest.raises(Unusable):
        issue(house, acme)
    keys.revoke(house, acme, first.key.id, by=ALICE)
    issue(house, acme)


def test_the_clock_forgets_old_keys(house: House, acme: Install) -> None:
    revoked, over, lasting = issue(house, acme), issue(house, acme, days=1), issue(house, acme)
    keys.revoke(house, acme, revoked.key.id, by=ALICE)
    with house.database.write() as connection:
        assert api_keys.purge(connection, before=house.now) == 0
        assert api_keys.purge(connection, before=house.now + timedelta(days=2)) == 2
        assert list(connection.execute(select(api_key.c.id)).scalars()) == [lasting.key.id]
    assert over.key.id != lasting.key.id
