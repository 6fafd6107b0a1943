"""Simulations that the console starts: done by a worker's drain, paused, cancelled, resumed, and what came of them."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from connector.store import progress
from connector.store.memos import StoredMemo
from connector.store.progress import Progress
from jobs import longwork, past_leads, simulation_line
from jobs.shift import Shift, drain_lease, holding
from rules.model import Record
from tests.connector.web.conftest import ALICE
from tests.connector.web.kit import Browser, decision
from tests.connector.web.rule_pages import Book, book, fields, only, words

__all__ = ["book"]

FULL = {"HX-Request": "true"}
PARTNERS_FIRST = """
- rule: Partners
  when: [lead.source is Partner]
  assign: user "bob@example.com"
- rule: Everyone else
  assign: user "ana@example.com"
"""
SHEET = "id,last_name,company,source\n" + "".join(
    f"l{number},=cmd|{number},Müller & 株式会社,{'Partner' if number % 3 == 0 else 'Web'}\n" for number in range(9)
)


@pytest.fixture
def path(book: Book) -> str:
    return f"/installs/{book.install.id}/simulations"


def work(book: Book, key: str) -> Progress:
    with book.house.database.read() as connection:
        return next(each for each in progress.of(connection, book.install.id) if each.name == f"simulation:{key}")


def drain(book: Book, key: str, pages: int = 1) -> None:
    """Let a worker do some pages of a simulation, as its drain would."""
    tools, install = book.house.tools, book.install
    for _ in range(pages):
        with holding(tools, drain_lease(install.id)) as holder:
            assert holder
            crm, seal = book.house.crm(install), book.house.seal(install)
            shift = Shift(tools, install, crm, seal, drain_lease(install.id), holder)
            simulation_line.page(shift, work(book, key))


def start(alice: Browser, path: str, **told: str) -> str:
    """Start a simulation from the form as it stands, and return the end of its address."""
    form = fields(alice.page(path), 'form[enctype="multipart/form-data"]')
    form.pop("csrf_token"), form.pop("sheet")
    sheet = told.pop("sheet", "")
    data = {
        "csrf_token": alice.token(),
        **form,
        **told,
        "sheet": (io.BytesIO(sheet.encode()), "leads.csv" if sheet else ""),
    }
    answer = alice.post(path, data=data)
    assert answer.status_code == 303, words(BeautifulSoup(answer.text, "html.parser"))[:800]
    return answer.headers["Location"].rpartition("/")[2]


def test_a_simulation_over_a_table_ends_with_sums_and_moves(alice: Browser, book: Book, path: str) -> None:
    key = start(alice, path, after="text", text=PARTNERS_FIRST, sheet=SHEET)
    assert book.house.rung[-1] == book.install.id
    page = alice.page(f"{path}/{key}")
    assert "Waits for its turn" in words(page)
    assert only(page, "#simulation")["hx-trigger"] == "every 2s"
    drain(book, key)
    page = alice.page(f"{path}/{key}")
    assert not only(page, "#simulation").has_attr("hx-trigger")
    facts = [words(each) for each in page.select("dl.facts dd")]
    assert facts[0] == "9"
    assert int(facts[1]) > 0
    owners = only(page, "#owners ~ .scroll table")
    assert owners["data-chart"] == "rows"
    rows = {words(row.th): [words(cell) for cell in row.select("td")] for row in owners.select("tbody tr") if row.th}
    assert rows["Ana Diaz"][1] == "6"
    assert rows["Bob Burns"][1] == "3"
    assert page.select("#load ~ .scroll table")
    assert "Alice Adams started it" in words(page)
    assert "a pasted text" in words(alice.page(path))


def test_what_goes_out_holds_no_formula(alice: Browser, book: Book, path: str) -> None:
    key = start(alice, path, after="text", text=PARTNERS_FIRST, sheet=SHEET)
    drain(book, key)
    answer = alice.get(f"{path}/{key}/csv")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="simulation-{key}.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]
    told = json.loads(alice.get(f"{path}/{key}/json").data)
    assert told["leads"] == 9
    assert len(told["moved"]) == told["moves"] == len(rows)
    assert alice.get(f"{path}/{key}/xlsx").status_code == 404


def test_a_worker_that_dies_costs_a_slice_and_the_rest_is_resumed(
    alice: Browser, book: Book, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulation_line, "BATCH", 4)
    monkeypatch.setattr(past_leads, "BATCH", 4)
    whole = start(alice, path, after="text", text=PARTNERS_FIRST, sheet=SHEET)
    drain(book, whole)
    monkeypatch.setattr(simulation_line, "SLICE_SECONDS", 0.0)
    key = start(alice, path, after="text", text=PARTNERS_FIRST, sheet=SHEET)
    drain(book, key)
    stands = work(book, key)
    assert (stands.state, stands.done, stands.total) == ("running", 4, 9)
    assert "4 of 9 leads." in words(alice.page(f"{path}/{key}"))
    assert "4 of 9" in words(alice.page(path))
    drain(book, key, pages=2)
    assert work(book, key).state == "done"
    one, other = (json.loads(alice.get(f"{path}/{each}/json").data) for each in (whole, key))
    assert one == other


def test_a_state_that_cannot_be_read_any_more_begins_anew(
    alice: Browser, book: Book, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulation_line, "BATCH", 4)
    monkeypatch.setattr(past_leads, "BATCH", 4)
    monkeypatch.setattr(simulation_line, "SLICE_SECONDS", 0.0)
    key = start(alice, path, after="text", text=PARTNERS_FIRST, sheet=SHEET)
    drain(book, key)
    memo = StoredMemo(book.house.database, book.install.id, book.house.seal(book.install), book.house.clock)
    memo.put(f"simulation:{key}:state", {"place": 4, "state": {"came": 7}}, seconds=60)
    drain(book, key)
    assert "It began anew" in words(alice.page(f"{path}/{key}"))
    drain(book, key, pages=2)
    assert json.loads(alice.get(f"{path}/{key}/json").data)["leads"] == 9


def test_it_is_paused_and_goes_on_and_is_cancelled(alice: Browser, book: Book, path: str) -> None:
    key = start(alice, path, after="text", text=PARTNERS_FIRST, sheet=SHEET)
    answer = alice.submit(f"{path}/{key}", do="pause")
    assert "Paused" in words(alice.page(answer.headers["Location"]))
    drain(book, key)
    assert (work(book, key).state, work(book, key).done) == ("paused", 0)
    answer = alice.submit(f"{path}/{key}", do="resume")
    assert "It goes on." in words(alice.page(answer.headers["Location"]))
    answer = alice.submit(f"{path}/{key}", do="resume")
    assert "not paused" in words(alice.page(answer.headers["Location"]))
    asked = only(alice.page(f"{path}/{key}"), "#simulation details")
    assert not asked.has_attr("open")
    assert "nothing is kept of it" in words(asked)
    assert only(asked, "button")["value"] == "cancel"
    alice.submit(f"{path}/{key}", do="cancel")
    page = alice.page(f"{path}/{key}")
    assert "Cancelled." in words(page)
    assert "not kept any more" not in words(page)
    assert alice.get(f"{path}/{key}/csv").status_code == 404
    assert alice.submit(f"{path}/{key}", do="explode").status_code == 400


def test_who_began_and_who_cancelled_it_stands_among_the_changes(alice: Browser, book: Book, path: str) -> None:
    key = start(alice, path, after="text", text=PARTNERS_FIRST, sheet=SHEET)
    alice.submit(f"{path}/{key}", do="cancel")
    assert "through already" in words(alice.page(alice.submit(f"{path}/{key}", do="cancel").headers["Location"]))
    rows = [words(row) for row in alice.page(f"/installs/{book.install.id}/changes").select("tbody tr")]
    assert [("Cancelled" in row, "Started" in row, f"simulation:{key}" in row) for row in rows] == [
        (True, False, True),
        (False, True, True),
    ]
    assert all(ALICE in row for row in rows)


def test_drafts_run_over_what_was_decided(alice: Browser, book: Book, path: str) -> None:
    for number in range(3):
        lead = Record("lead", f"00Q00000000000{number}AAA", {"last_name": f"L{number}", "source": "Partner"})
        made = decision(f"d{number}", lead=lead, received_at=book.house.now, decided_at=book.house.now)
        book.house.decide(book.install, made, at=book.house.now - timedelta(days=1))
    record = book.row("Everyone else").id
    text = '- rule: Everyone else\n  assign: user "ana@example.com"\n'
    alice.submit(book.path(f"/edit/{record}"), editor="text", text=text, do="save")
    answer = alice.page(f"{path}?before=live&after=drafts&days=7")
    assert only(answer, "#days")["value"] == "7"
    key = start(alice, path)
    drain(book, key)
    told = json.loads(alice.get(f"{path}/{key}/json").data)
    assert (told["leads"], told["moves"]) == (3, 0)
    assert told["rules"] == [{"rule": "Partners", "before": 3, "after": 3}]


def test_without_any_lead_there_are_no_charts_but_a_way_on(alice: Browser, book: Book, path: str) -> None:
    key = start(alice, path, after="edition:1")
    drain(book, key)
    page = alice.page(f"{path}/{key}")
    assert "There were no leads in that time." in words(only(page, "#simulation .empty"))
    assert not page.select("table, [data-chart]")
    way = str(only(page, "#simulation .empty a")["href"])
    assert only(alice.page(way), "[name=days]")["value"] == "90"


def test_without_any_decision_the_leads_of_the_crm_are_taken(alice: Browser, book: Book, path: str) -> None:
    book.lead(last_name="Curie", source="Partner")
    book.house.now += timedelta(hours=1)
    key = start(alice, path, after="edition:1")
    drain(book, key)
    assert json.loads(alice.get(f"{path}/{key}/json").data)["leads"] == 1
    assert "None: both give every lead to the same person." in words(alice.page(f"{path}/{key}"))
    assert json.loads(alice.get(f"{path}/{key}/json").data)["moves"] == 0


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"days": "0"}, "Choose between 1 and 3650 days."),
        ({"after": "text", "text": ""}, "Paste the rules first."),
        ({"after": "text", "text": "- rule: X\n  assign: nobody\n"}, "rule X, line 2:"),
        ({"text": PARTNERS_FIRST}, "These rules would take no part: choose “The text below” before or after."),
        ({"after": "edition:77"}, "There is no edition 77."),
        ({"after": "nonsense"}, "Choose which rules to simulate."),
        ({"sheet": "no,header\n1,2\n"}, "The table cannot be read: No column has a name that we know"),
    ],
)
def test_what_cannot_be_simulated_is_told(
    alice: Browser, book: Book, path: str, told: dict[str, str], said: str
) -> None:
    data: dict[str, object] = {
        "csrf_token": alice.token(),
        "before": "live",
        "after": "live",
        "days": "30",
        "open_days": "7",
    }
    values = {name: value for name, value in told.items() if name != "sheet"}
    sheet = (io.BytesIO(told.get("sheet", "").encode()), "a.csv" if "sheet" in told else "")
    answer = alice.post(path, data={**data, **values, "sheet": sheet})
    assert answer.status_code == 422
    page = BeautifulSoup(answer.text, "html.parser")
    assert said in words(only(page, ".notice.bad"))
    assert only(page, "#text").get_text().strip() == told.get("text", "").strip()
    for box in page.select("[aria-invalid=true]"):
        assert said in words(only(page, f"#{box['aria-describedby']}"))


def test_a_drain_does_it_behind_the_first_reading() -> None:
    assert longwork.page("simulation:0badcafe") is simulation_line.page
    assert max(["simulation:1", "backfill:lead", "answers"], key=longwork.place) == "simulation:1"


def test_one_whose_order_is_gone_says_so(alice: Browser, book: Book, path: str) -> None:
    with book.house.database.write() as connection:
        progress.start(connection, book.install.id, "simulation:0badcafe", now=book.house.now)
    drain(book, "0badcafe")
    page = alice.page(f"{path}/0badcafe")
    assert "It stopped." in words(page)
    assert "not kept any more" in words(page)
    assert work(book, "0badcafe").state == "failed"


def test_leads_that_change_hands_are_paged(alice: Browser, book: Book, path: str) -> None:
    many = "id,last_name,source\n" + "".join(f"l{number},N{number},Web\n" for number in range(130))
    key = start(alice, path, after="text", text='- rule: A\n  assign: queue "Inbound"\n', sheet=many)
    drain(book, key)
    page = alice.page(f"{path}/{key}")
    assert "Page 1 of 3" in words(page)
    page = alice.page(f"{path}/{key}?page=3")
    assert len(page.select("#moved ~ .scroll tbody tr")) == 30


def test_an_install_without_any_says_so_and_the_list_is_asked_for_alone(alice: Browser, book: Book, path: str) -> None:
    assert "Nothing was simulated yet." in words(alice.page(path))
    key = start(alice, path, after="text", text=PARTNERS_FIRST, sheet=SHEET)
    part = BeautifulSoup(alice.get(path, headers=FULL).text, "html.parser")
    assert only(part, "#simulations")["hx-trigger"] == "every 3s"
    assert not part.select("form")
    alice.page(f"{path}/{key}1", status=404)
    alice.page(f"/installs/{'0' * 32}/simulations", status=404)


def test_what_is_kept_of_a_simulation_is_sealed(alice: Browser, book: Book, path: str) -> None:
    start(alice, path, after="text", text=PARTNERS_FIRST, sheet=SHEET)
    book.house.database.engine.dispose()
    kept = b"".join(each.read_bytes() for each in book.house.settings.data_dir.glob("switchyard.sqlite*"))
    assert "Müller".encode() not in kept
    assert "株式会社".encode() not in kept
