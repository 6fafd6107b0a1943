"""The commands `switchyard api ...`, over a real server on this machine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest
from click.testing import CliRunner, Result
from flask import Flask, Response, request

from connector.app import create_app
from connector.cli import main
from connector.commands import api_client
from connector.commands.api import GROUPS, api
from connector.commands.api_client import LONGEST_PAGE, Client, Refusal
from connector.index import Index
from connector.store import cleanups, erasures, progress, reviews
from connector.store.cleanups import Tie
from connector.store.installs import Install
from jobs import contacts
from rules.model import Match, Record
from tests.connector.api.furnish import RULES, Ids, furnished
from tests.connector.api.kit import Serving, key_of
from tests.connector.web.conftest import ALICE, ORG, open_house
from tests.connector.web.kit import House, decision


class Served(NamedTuple):
    """A furnished install, served."""

    house: House
    acme: Install
    ids: Ids
    url: str
    key: str


@pytest.fixture(scope="module")
def served(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    house = open_house(empty, tmp_path_factory.mktemp("served"))
    acme = house.connect("salesforce", ORG, "Acme Corp", admin=ALICE)
    ids = furnished(house, acme, "A")
    with Serving(create_app(house)) as url:
        yield Served(house, acme, ids, url, key_of(house, acme))
    house.close()


@pytest.fixture
def run(served: Served, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs `switchyard api` with words, as somebody types them who has set address and key."""
    monkeypatch.setenv("SWITCHYARD_URL", served.url)
    monkeypatch.setenv("SWITCHYARD_API_KEY", served.key)
    monkeypatch.setenv("COLUMNS", "220")

    def typed(*words: str, code: int = 0, **more: Any) -> Result:
        found = CliRunner().invoke(main, ["api", *words], catch_exceptions=False, **more)
        assert found.exit_code == code, (words, found.exit_code, found.output)
        assert served.key not in found.output
        return found

    return typed


def told(result: Result) -> Any:
    return json.loads(result.stdout)


def test_every_group_is_there_and_every_command_takes_json() -> None:
    context = click.Context(api)
    for name in [*GROUPS, *api.commands]:
        found = api.get_command(context, name)
        leaves = found.commands.values() if isinstance(found, click.Group) else [found]
        for leaf in leaves:
            assert leaf is not None
            assert leaf.help, leaf.name
            assert any(each.name == "as_json" for each in leaf.params), leaf.name
            assert not any("key" in str(each.name) and isinstance(each, click.Option) for each in leaf.params)


def test_status_mode_and_check_tell_how_the_install_is(run: Callable[..., Result]) -> None:
    assert "Acme Corp" in run("status").stdout
    assert told(run("status", "--json"))["mode"] == "act"
    assert told(run("mode", "suggest", "--json"))["mode"] == "suggest"
    assert "Switch?" in run("mode", "act", code=1, input="n\n").stderr
    assert told(run("mode", "act", "--yes", "--json"))["mode"] == "act"
    assert "All is there." in run("check").stdout
    assert "Events arrive" in run("check", "--probe").stdout
    assert told(run("budget", "--json"))["used"] == 0
    assert "install" in run("health").stdout


def test_how_people_are_told_is_shown_and_chosen(run: Callable[..., Result]) -> None:
    assert "notification" in run("settings", "show").stdout
    found = told(run("settings", "tell", "--no-task", "--reminders", "task", "--json"))
    assert (found["task"], found["notification"], found["reminders"]) == (False, "always", "task")
    assert "Go on?" in run("settings", "tell", "--notification", "never", code=1, input="n\n").stderr
    found = told(run("settings", "tell", "--notification", "never", "--yes", "--json"))
    assert (found["task"], found["notification"]) == (False, "never")
    found = told(run("settings", "speak", "--language", "de", "--one-language", "--console", "fr", "--json"))
    assert (found["language"], found["one_language"], found["console_language"]) == ("de", True, "fr")
    found = told(run("settings", "speak", "--own-languages", "--console", "browser", "--json"))
    assert (found["language"], found["one_language"], found["console_language"]) == ("de", False, "")
    assert told(run("settings", "tell", "--task", "--notification", "at work", "--json"))["notification"] == "at work"
    assert "Go on?" in run("settings", "keep", "7", code=1, input="n\n").stderr
    assert told(run("settings", "keep", "7", "--yes", "--json"))["decision_days"] == 7
    assert told(run("settings", "keep", "8", "--json"))["decision_days"] == 8
    assert "Go on?" in run("settings", "keep-snapshots", "7", code=1, input="n\n").stderr
    assert told(run("settings", "show", "--json"))["undo_days"] == 30
    assert told(run("settings", "keep-snapshots", "7", "--yes", "--json"))["undo_days"] == 7
    assert told(run("settings", "keep-snapshots", "9", "--json"))["undo_days"] == 9


def test_who_changed_what_and_the_keys_are_listed_and_revoked(run: Callable[..., Result], served: Served) -> None:
    assert "A program" in run("changes").stdout
    assert len(told(run("changes", "--limit", "2", "--json"))) == 2
    assert "Spare" in run("keys").stdout
    assert "opens nothing" in run("revoke", served.ids["key"], "--yes").stdout
    assert [each["name"] for each in told(run("keys", "--json")) if each["revoked_at"]] == ["Spare"]


def test_decisions_are_found_told_and_taken_back(run: Callable[..., Result], served: Served) -> None:
    key = served.ids["decision"]
    assert {each["key"] for each in told(run("decisions", "search", "--rule", "Enterprise EMEA", "--json"))} >= {key}
    shown = run("decisions", "show", key).stdout
    assert "Enterprise EMEA" in shown
    assert "acme.fr" in shown
    assert "Marie Curie" in run("decisions", "lead", served.ids["lead"]).stdout
    found = told(run("decisions", "undo", key, "--dry-run", "--json"))
    assert found["can"] == bool(found["back"])
    assert "tried again" in run("decisions", "retry", "d2A").stdout
    assert "not parked" in run("decisions", "retry", key).stdout


def test_what_is_held_about_a_person_is_told_and_they_are_forgotten(
    run: Callable[..., Result], served: Served, tmp_path: Path
) -> None:
    assert told(run("privacy", "forgetting", "--json")) == {"here": 0, "crm": 0, "since": None}
    held = told(run("privacy", "export", served.ids["lead"], "--json"))
    assert [each["decision"]["key"] for each in held["decisions"]] == [served.ids["decision"]]
    assert json.loads(run("privacy", "export", served.ids["lead"]).stdout)["ids"] == held["ids"]
    assert run("privacy", "export", "00Q00000000000XAAA", code=4).stdout == ""
    assert "it begins with 00Q or 003" in run("privacy", "export", "nobody", code=6).output
    assert "it begins with 00Q or 003" in run("privacy", "forget", "0", "--yes", code=6).output
    run("privacy", "forget", "00Q00000000000XAAA", code=1, input="n\n")
    assert "Nobody waits" in run("privacy", "forgetting").stdout
    assert told(run("privacy", "forget", "00Q00000000000XAAA", "--yes", "--json"))["here"] == 1
    assert "here and in the CRM" in run("privacy", "forgetting").stdout
    with served.house.database.write() as connection:
        assert [each.record_id for each in erasures.waiting(connection, served.acme.id)] == ["00Q00000000000XAAA"]
    assert [each["did"] for each in told(run("changes", "--limit", "1", "--json"))] == ["person forgotten"]
    assert "somebody-gone" not in run("changes", "--json").stdout


def test_rules_are_pulled_edited_tested_compared_and_pushed(run: Callable[..., Result], tmp_path: Path) -> None:
    file, bad = tmp_path / "rules.yaml", tmp_path / "bad.yaml"
    run("rules", "pull", "-o", str(file))
    assert "France" in file.read_text()
    bigger = RULES.replace("France]", "France, lead.employees > 10]")
    file.write_text(bigger.replace("{country: France}", "{country: France, employees: 20}"))
    bad.write_text('- rule: Bad\n  assign: pool "Nobody"\n')
    assert "1 of 1 tests are green." in run("rules", "validate", str(file)).stdout
    assert f"{bad}:" in run("rules", "validate", str(bad), code=6).stdout
    assert "green" in run("rules", "test", str(file)).stdout
    run("rules", "lint", str(file))
    assert "changed" in run("rules", "diff", str(file)).stdout
    assert told(run("rules", "push", str(file), "--dry-run", "--json"))["changed"]
    assert "Live within seconds" in run("rules", "push", str(file), "--yes", "--why", "bigger ones").stdout
    assert "Nothing differs." in run("rules", "push", str(file), "--yes").stdout
    assert "bad.yaml" not in run("rules", "push", str(bad), "--yes", code=6).stdout
    file.write_text(RULES)
    assert "changed" in run("rules", "push", str(file), "--yes", "--seen", "another", code=5).stderr
    assert "France" in run("rules", "list").stdout
    assert "1" in run("rules", "history").stdout
    run("rules", "rollback", "1", "--yes")
    assert "nothing to publish" in run("rules", "publish", "--yes", code=6).stderr


def test_a_lead_is_previewed(run: Callable[..., Result], served: Served) -> None:
    assert "Sales" in run("preview", "new", "country=FR", "company=Acme").stdout
    assert told(run("preview", "lead", served.ids["lead"], "--json"))["rule"]
    assert run("preview", "lead", "00Q000000000404AAA", code=4).stderr.startswith("Error: The CRM has no lead")
    assert "cannot be read" in run("preview", "new", "country", code=1).stderr


def test_a_simulation_is_waited_for_with_a_bar_and_its_leads_are_exported(
    run: Callable[..., Result], served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = served.ids["simulation"]
    seen: list[float] = []

    def meanwhile(seconds: float) -> None:
        """What workers do while the command waits."""
        seen.append(seconds)
        with served.house.database.write() as connection:
            values: dict[str, Any] = {"state": "done", "done": 3} if len(seen) > 1 else {"state": "running", "done": 1}
            progress.move(connection, served.acme.id, f"simulation:{name}", now=served.house.now, total=3, **values)

    monkeypatch.setattr(api_client.Client, "__post_init__", _sleeping(meanwhile))
    assert "change hands" in run("simulate", "wait", name).stdout
    assert len(seen) == 2
    assert "L1" in run("simulate", "leads", name).stdout
    run("simulate", "leads", name, "--csv", str(tmp_path / "moved.csv"))
    assert (tmp_path / "moved.csv").read_text().startswith("lead,")
    assert told(run("simulate", "show", name, "--json"))["moves"] == 3
    made = told(run("simulate", "start", "--after", "live", "--no-wait", "--json"))
    assert "paused" in run("simulate", "pause", made["name"]).stdout
    run("simulate", "resume", made["name"])
    run("simulate", "cancel", made["name"])
    assert len(told(run("simulate", "list", "--json"))) == 2


def _sleeping(sleep: Callable[[float], None]) -> Callable[[Client], None]:
    before = Client.__post_init__

    def made(self: Client) -> None:
        before(self)
        self.sleep = sleep

    return made


def test_people_pause_plan_absences_and_take_leads_again(run: Callable[..., Result], served: Served) -> None:
    ana = served.ids["person"]
    assert "Ana Diaz" in run("people", "list").stdout
    assert "Sales" in run("people", "pools").stdout
    run("people", "pause", ana, "--until", "2026-11-24 10:00:00")
    assert told(run("people", "list", "--json"))[0]["away"]["until"] == "2026-11-24T10:00:00Z"
    assert "take leads again" in run("people", "resume", ana).stdout
    run("people", "away", ana, "2027-02-01", "2027-02-05")
    assert "2027-02-05" in run("people", "absences", ana).stdout
    run("people", "back", ana, "2027-02-01")
    assert "do not have it" in run("people", "reject", ana, "00Q000000000404AAA").stdout


def test_more_reviews_are_listed_than_one_answer_holds(run: Callable[..., Result], served: Served) -> None:
    house, sure = served.house, decision()
    unsure = Match("review", sure.match.account, (), "Not sure enough.", log_odds=1.0)
    leads = [replace(sure.lead, id=f"00Q{place:03}") for place in range(LONGEST_PAGE + 5)]
    made = [replace(decision(f"d{each.id}"), lead=each, match=unsure) for each in leads]
    with house.database.write() as connection:
        reviews.follow(connection, served.acme.id, house.seal(served.acme), made, now=house.now)
    for limit in (3, LONGEST_PAGE + 2):
        found = told(run("reviews", "list", "--limit", str(limit), "--json"))
        assert len({each["lead"] for each in found["items"]}) == len(found["items"]) == limit
    shown = run("reviews", "list", "--limit", str(LONGEST_PAGE + 2)).stdout
    assert "4 more wait." in shown, "three of these, and the furnished one"
    with house.database.write() as connection:
        reviews.close(connection, served.acme.id, [each.id for each in leads])


def test_reviews_and_duplicates_are_answered_and_taken_back(run: Callable[..., Result], served: Served) -> None:
    assert "Acme France" in run("reviews", "list").stdout
    run("reviews", "accept", served.ids["lead"])
    assert "asked about again" in run("reviews", "undo").stdout
    pair = served.ids["pair"]
    assert "Kim Lee" in run("duplicates", "list").stdout
    assert "a merge" in run("duplicates", "show", pair).stdout
    assert "rejected" in run("duplicates", "different", pair).stdout
    run("duplicates", "undo")
    assert "accepted" in run("duplicates", "same", pair, "--yes").stdout


def test_runs_are_estimated_begun_and_stopped(run: Callable[..., Result], served: Served, tmp_path: Path) -> None:
    assert "cleanup" in run("runs", "list").stdout
    assert told(run("runs", "estimate", "--json"))["cleanup"]["records"] >= 0
    begun = told(run("runs", "start", "try", "--json"))["runs"][0]
    assert "paused" in run("runs", "pause", begun).stdout
    run("runs", "cancel", begun, "--yes")
    assert told(run("runs", "show", begun, "--json"))["state"] == "done"
    run("runs", "export", served.ids["run"], str(tmp_path / "pairs.csv"))
    assert (tmp_path / "pairs.csv").exists()
    assert "through already" in run("runs", "resume", begun, code=5).stderr


def test_accounts_for_contacts_are_looked_for_and_listed(
    run: Callable[..., Result], served: Served, tmp_path: Path
) -> None:
    house, acme = served.house, served.acme
    assert "There are none." in run("runs", "suggestions").stdout
    assert told(run("runs", "start", "suggest", "--json"))["runs"] == [contacts.NAME]
    people = [Record("contact", f"c{n}", {"name": f"Kim {n}", "email": f"kim{n}@globex.com"}) for n in range(3)]
    with house.database.write() as connection:
        globex = Record("account", "a1", {"name": "Globex", "website": "globex.com"})
        Index(connection, acme.id, house.seal(acme)).put([globex, *people])
        ties = [Tie(each.id, "a1", ("contact", "account"), 0.9) for each in people]
        cleanups.tie(connection, acme.id, contacts.NAME, ties)
    run("runs", "cancel", contacts.NAME, "--yes")
    found = told(run("runs", "suggestions", "--json"))
    assert [(each["contact_id"], each["contact"], each["account_id"]) for each in found] == [
        ("c0", "Kim 0", "a1"), ("c1", "Kim 1", "a1"), ("c2", "Kim 2", "a1"),
    ]  # fmt: skip
    assert all(each["evidence"][0]["text"] for each in found)
    assert "Globex" in run("runs", "suggestions", "--limit", "1").stdout
    run("runs", "export", contacts.NAME, str(tmp_path / "contacts.csv"))
    assert len((tmp_path / "contacts.csv").read_text(encoding="utf-8").splitlines()) == 4
    pages = list(Client(served.url, served.key).pages("/runs/suggestions", limit=2))
    assert [len(each["items"]) for each in pages] == [2, 1]
    assert pages[0]["kept"] == 3
    assert "c1 is not suggested to belong to a1 any more." in run("runs", "reject", "c1", "a1").stdout
    assert [each["contact_id"] for each in told(run("runs", "suggestions", "--json"))] == ["c0", "c2"]
    assert "Nobody suggests this account" in run("runs", "reject", "c1", "a1", code=4).stderr
    assert "may be suggested again" in run("runs", "take-back").stdout
    assert len(told(run("runs", "suggestions", "--json"))) == 3
    assert "There is nothing to take back" in run("runs", "take-back", code=4).stderr


def test_reports_are_told_and_exported(run: Callable[..., Result], tmp_path: Path) -> None:
    assert "leads timed" in run("reports", "summary").stdout
    run("reports", "sheet", "outcomes", str(tmp_path / "outcomes.csv"), "--period", "30")
    assert "day" in (tmp_path / "outcomes.csv").read_text(encoding="utf-8-sig")
    assert "2026-11-23" in run("reports", "summary", "--period", "range", "--first", "x", code=6).stderr


def test_any_request_can_be_sent(run: Callable[..., Result], tmp_path: Path) -> None:
    assert told(run("call", "GET", "/install", "--json"))["name"] == "Acme Corp"
    (tmp_path / "body.json").write_text('{"mode": "suggest"}')
    run("call", "PUT", "/install/mode", "--data", f"@{tmp_path / 'body.json'}")
    run("call", "PUT", "/install/mode", "--data", "-", input='{"mode": "act", "understood": true}')
    assert "is no JSON" in run("call", "PUT", "/install/mode", "--data", "{", code=1).stderr


def test_what_the_api_refuses_is_told_with_its_own_exit_code(
    run: Callable[..., Result], served: Served, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert run("decisions", "show", "nothing", code=4).stderr.startswith("Error: There is no such decision")
    assert json.loads(run("decisions", "show", "nothing", "--json", code=4).stderr)["status"] == 404
    (tmp_path / "key").write_text(key_of(served.house, served.acme, ["read"]))
    refused = CliRunner().invoke(main, ["api", "--key-file", str(tmp_path / "key"), "mode", "suggest"])
    assert refused.exit_code == 3
    assert "settings:write" in refused.stderr
    monkeypatch.setenv("SWITCHYARD_API_KEY", "sy_wrong")
    assert CliRunner().invoke(main, ["api", "status"]).exit_code == 3
    monkeypatch.delenv("SWITCHYARD_API_KEY")
    assert "No key" in CliRunner().invoke(main, ["api", "status"]).stderr
    monkeypatch.delenv("SWITCHYARD_URL")
    assert "Say where Switchyard is" in CliRunner().invoke(main, ["api", "status"]).stderr


def test_a_key_is_never_sent_in_the_clear_to_another_machine_nor_shown() -> None:
    with pytest.raises(Refusal, match="https"):
        Client("http://route.example.com", "sy_1")
    assert "sy_1" not in repr(Client("https://route.example.com", "sy_1"))


def test_a_write_is_sent_again_with_the_same_idempotency_key_until_it_is_answered() -> None:
    app = Flask("flaky")
    seen: list[str] = []
    pauses: list[float] = []

    @app.post("/api/v1/install/retry")
    def flaky() -> Response:
        seen.append(request.headers["Idempotency-Key"])
        problem = {"type": "https://x/docs#away", "status": 503, "detail": "away"}
        if len(seen) < 3:
            return Response(json.dumps(problem), 503, {"Retry-After": "7"}, content_type="application/problem+json")
        return Response('{"count": 2}', content_type="application/json")

    with Serving(app) as url:
        client = Client(url, "sy_1", sleep=pauses.append)
        assert client.write("POST", "/install/retry") == {"count": 2}
    assert len(set(seen)) == 1
    assert pauses == [7.0, 7.0]


def test_who_would_have_to_wait_for_long_or_gets_no_answer_is_told_so() -> None:
    app = Flask("away")
    pauses: list[float] = []

    @app.get("/api/v1/install")
    def away() -> Response:
        problem = '{"type": "x#too-many", "status": 429, "detail": "Too many."}'
        return Response(problem, 429, {"Retry-After": "600"}, content_type="application/problem+json")

    with Serving(app) as url:
        client = Client(url, "sy_1", sleep=pauses.append)
        with pytest.raises(Refusal, match="Too many") as refused:
            client.get("/install")
        assert refused.value.status == 429
        with pytest.raises(Refusal, match="no Switchyard API"):
            client.get("/elsewhere")
    assert not pauses
    with pytest.raises(Refusal, match="does not answer"):
        client.get("/install")
    assert len(pauses) == api_client.ATTEMPTS - 1
