"""The index is built anew when its keys are others: by itself, once, while what there was is still searched."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select

from connector.index import Index
from connector.store import books, letters, progress
from connector.store.postings import book
from connector.store.progress import Progress
from jobs import backfill, clock
from jobs.shift import Shift
from rules.matching import keys
from rules.model import Record
from tests.jobs.conftest import House

LEAD = Record("lead", "new", {"company": "Account 7"})


def work(house: House) -> dict[str, Progress]:
    with house.database.read() as connection:
        return {each.name: each for each in progress.of(connection, house.install.id)}


def found(house: House) -> list[str]:
    with house.database.read() as connection:
        index = Index(connection, house.install.id, house.keyring.seal(house.install.key))
        return [each.id for each in index.accounts([LEAD])["new"].profiles]


def count_books(house: House) -> tuple[int, int]:
    """Return how many books the install has, and how many there are."""
    with house.database.read() as connection:
        every = connection.execute(select(func.count()).select_from(book)).scalar_one()
        return len(books.of(connection, house.install.id)), every


def furnish(house: House) -> None:
    """Add nine accounts that the index then knows."""
    for number in range(9):
        house.account(f"a{number}", name=f"Account {number}")
        house.post(house.event(f"a{number}", kind="account"))
    house.drain()
    assert "a7" in found(house)


def test_a_new_install_has_one_index_and_is_read_once(house: House) -> None:
    states = {name: each.state for name, each in work(house).items()}
    assert states == {"setup": "done", **{backfill.name(kind): "done" for kind in backfill.KINDS}}
    before, calls = work(house), house.crm.calls
    house.drain()
    assert (count_books(house), work(house), house.crm.calls) == ((1, 1), before, calls)


def test_other_keys_have_every_record_read_again_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    furnish(house)
    house.later(minutes=1)
    monkeypatch.setattr(keys, "VERSION", keys.VERSION + 1)
    house.drain()
    again = work(house)
    assert {again[backfill.name(kind)].started_at for kind in backfill.KINDS} == {house.now}
    assert again["backfill:account"].done == 9
    assert "a7" in found(house)
    assert count_books(house) == (1, 2), "the old one is nobody's"
    clock.clear(house.tools)
    assert count_books(house) == (1, 1)
    house.later(minutes=1)
    house.drain()
    assert work(house) == again


def test_matching_goes_on_while_the_index_is_built_anew(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    furnish(house)
    monkeypatch.setattr(keys, "VERSION", keys.VERSION + 1)
    seen: list[tuple[str, bool, int]] = []
    page = backfill.page

    def watched(*all_: object) -> None:
        page(*all_)  # type: ignore[arg-type]
        seen.append((work(house)["backfill:account"].state, "a7" in found(house), count_books(house)[0]))

    monkeypatch.setattr(backfill, "page", watched)
    house.drain()
    assert ("running", True, 2) in seen, "half read"
    assert all(matched for _, matched, _ in seen)
    assert seen[-1] == ("done", True, 1)


def test_a_large_build_lets_letters_through_between_its_slices(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    furnish(house)
    monkeypatch.setattr(backfill, "SLICES", 1)
    monkeypatch.setattr(books, "CLEARED", 10)
    with house.database.write() as connection:
        Index(connection, house.install.id, house.keyring.seal(house.install.key)).renew()
        progress.start(connection, house.install.id, "backfill:account", now=house.now)
    seen: list[Progress] = []
    page = backfill.page

    def watched(shift: Shift, piece: Progress) -> None:
        page(shift, piece)
        if piece.name == "backfill:account":
            seen.append(work(house)["backfill:account"])

    monkeypatch.setattr(backfill, "page", watched)
    house.drain()
    read = [each for each in seen if json.loads(each.after or "{}").get("read")]
    assert len(read) > 3, "all was read, and several slices were merged after that"
    assert [each.state for each in read] == ["running"] * (len(read) - 1) + ["done"]
    assert {each.done for each in read} == {9}
    with house.database.read() as connection:
        assert Index(connection, house.install.id, house.keyring.seal(house.install.key)).staged == 0
        assert letters.counts(connection, house.install.id)["waiting"] == 0
