"""What is true of every operation: keys, problems, repetition, headers."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from connector.app import create_app
from connector.desk import keys
from connector.store import reviews
from connector.store.installs import Install
from connector.store.replies import ABOUT, api_reply
from rules.model import Match
from tests.connector.api.kit import PREFIX, Program, key_of, program
from tests.connector.web.kit import PUBLIC_URL, Browser, House, browser, decision, settings


def test_a_key_opens_its_own_install_and_nothing_else(app: Flask, house: House, acme: Install) -> None:
    other = house.connect("hubspot", "42", "Other")
    assert program(app, key_of(house, acme)).ask("GET", "/install")["id"] == acme.id
    assert program(app, key_of(house, other)).ask("GET", "/install")["id"] == other.id


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer sy_0_0", "Basic c3k6c3k=", "Token sy_1"])
def test_without_a_key_that_opens_something_the_answer_is_401(app: Flask, acme: Install, header: str) -> None:
    answer = program(app).get(f"{PREFIX}/install", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert answer.json["type"] == f"{PUBLIC_URL}/api/v1/docs#no-key"


def test_a_key_that_was_revoked_or_is_over_opens_nothing(app: Flask, house: House, acme: Install) -> None:
    made = keys.issue(house, acme, name="Short", scopes=["read"], by="u", expires=house.now + timedelta(hours=1))
    caller = program(app, made.token)
    caller.ask("GET", "/install")
    house.now += timedelta(hours=1)
    caller.ask("GET", "/install", status=401)
    other = keys.issue(house, acme, name="Other", scopes=["read"], by="u", expires=None)
    keys.revoke(house, acme, other.key.id, by="u")
    program(app, other.token).ask("GET", "/install", status=401)


def test_a_session_of_the_console_is_no_key(app: Flask, house: House, acme: Install) -> None:
    client: Browser = browser(app)
    client.sign_in("salesforce", acme.tenant_id, "005000000000001AAA")
    assert client.get(f"{PREFIX}/install").status_code == 401


def test_a_key_without_the_scope_is_told_which_one_it_needs(app: Flask, house: House, acme: Install) -> None:
    caller = program(app, key_of(house, acme, ["read"]))
    problem = caller.ask("PUT", "/install/mode", json={"mode": "suggest"}, status=403)
    assert "settings:write" in problem["detail"]
    assert house.install(acme.id) == acme


def test_no_answer_sets_a_cookie_may_be_stored_or_is_shared_with_other_sites(caller: Program) -> None:
    for path in ("/install", "/openapi.json", "/nowhere"):
        answer = caller.get(PREFIX + path, headers={"Origin": "https://evil.example"})
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
        assert not any(name.startswith("Access-Control") for name, _ in answer.headers)


def test_an_unknown_address_and_an_unknown_method_are_problems(caller: Program) -> None:
    assert caller.ask("GET", "/nowhere", status=404)["type"].endswith("#not-there")
    answer = caller.delete(f"{PREFIX}/install")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert answer.content_type == "application/problem+json"
    assert caller.options(f"{PREFIX}/install").status_code == 405


def test_pages_still_answer_with_pages(app: Flask) -> None:
    assert program(app).get("/nowhere").content_type == "text/html; charset=utf-8"


def test_what_is_wrong_with_a_body_is_told_by_its_place_and_never_repeated(caller: Program) -> None:
    problem = caller.ask("PUT", "/install/mode", json={"mode": "s3cret", "wrong": 1}, status=422)
    assert {each["pointer"] for each in problem["errors"]} == {"/mode", "/wrong"}
    assert "s3cret" not in str(problem)
    assert problem["trace_id"]
    problem = caller.ask("GET", "/changes?limit=5", status=422)
    assert [each["parameter"] for each in problem["errors"]] == ["limit"]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"mode": NaN}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"[]", "application/json", 422),
        (b"", "application/json", 422),
        (b"mode=act", "application/x-www-form-urlencoded", 415),
        (b"", "application/x-www-form-urlencoded", 415),
        (b"{}", "text/plain", 415),
        (b'{"mode": "' + b"x" * 4_200_000 + b'"}', "application/json", 413),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(caller: Program, body: bytes, kind: str, status: int) -> None:
    caller.ask("PUT", "/install/mode", data=body, content_type=kind, status=status)


def test_a_write_that_is_sent_again_is_answered_again_and_not_done_again(
    caller: Program, house: House, acme: Install
) -> None:
    named = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
    first = caller.put(f"{PREFIX}/install/mode", json={"mode": "suggest"}, headers=named)
    caller.ask("PUT", "/install/mode", json={"mode": "observe"})
    second = caller.put(f"{PREFIX}/install/mode", json={"mode": "suggest"}, headers=named)
    assert (second.status_code, second.data) == (first.status_code, first.data)
    assert second.headers["Idempotent-Replayed"] == "true"
    found = house.install(acme.id)
    assert found is not None
    assert found.mode == "observe"
    problem = caller.ask("PUT", "/install/mode", json={"mode": "act"}, headers=named, status=422)
    assert problem["type"].endswith("#reused")


def test_the_code_for_support_is_told_once_and_is_in_nothing_that_is_kept(
    caller: Program, house: House, acme: Install
) -> None:
    named = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
    first = caller.post(f"{PREFIX}/support", json={"hours": 1}, headers=named)
    assert first.status_code == 201
    assert first.json is not None
    assert len(first.json["code"]) == len("ABCDE-ABCDE-ABCDE-ABCDE-ABCDE")
    second = caller.post(f"{PREFIX}/support", json={"hours": 1}, headers=named)
    assert (second.status_code, second.json) == (201, {"id": first.json["id"], "code": ""})
    assert second.headers["Idempotent-Replayed"] == "true"
    assert len(caller.ask("GET", "/support")["items"]) == 1
    with house.database.read() as connection:
        (row,) = connection.execute(select(api_reply))
    kept = house.seal(acme).open_bytes(row.sealed, about=ABOUT).decode()
    assert first.json["id"] in kept
    assert first.json["code"] not in kept


def test_two_keys_may_use_the_same_idempotency_key(app: Flask, house: House, acme: Install) -> None:
    named = {"Idempotency-Key": "one"}
    first, second = (program(app, key_of(house, acme)) for _ in range(2))
    first.ask("PUT", "/install/mode", json={"mode": "suggest"}, headers=named)
    second.ask("PUT", "/install/mode", json={"mode": "observe"}, headers=named)


def test_a_write_that_was_refused_may_be_sent_again_under_its_key(caller: Program) -> None:
    named = {"Idempotency-Key": '"one"'}
    caller.ask("PUT", "/install/mode", json={"mode": "act"}, headers=named, status=422)
    caller.ask("PUT", "/install/mode", json={"mode": "act", "understood": True}, headers=named)


@pytest.mark.parametrize("given", ["", '""', "x" * 256])
def test_an_idempotency_key_that_is_none_is_refused(caller: Program, given: str) -> None:
    caller.ask("PUT", "/install/mode", json={"mode": "suggest"}, headers={"Idempotency-Key": given}, status=400)


def test_a_write_whose_first_one_is_still_at_work_waits(
    caller: Program, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    named, met = {"Idempotency-Key": "one"}, []

    def inside(*_: object, **__: object) -> int:
        met.append(caller.ask("POST", "/install/retry", headers=named, status=409)["type"])
        return 0

    monkeypatch.setattr("connector.api.install.home.retry", inside)
    caller.ask("POST", "/install/retry", headers=named)
    assert met[0].endswith("#in-progress")


def test_changes_are_noted_under_the_key(caller: Program, acme: Install) -> None:
    caller.ask("PUT", "/install/mode", json={"mode": "suggest"})
    found = caller.ask("GET", "/changes?did=mode")["items"]
    assert [(each["did"], each["about"], each["name"]) for each in found] == [("mode", "suggest", "A program")]
    assert found[0]["by"].startswith("key:")


def test_what_waits_for_a_person_comes_page_by_page(caller: Program, house: House, acme: Install) -> None:
    sure = decision().match
    unsure = Match("review", sure.account, (), "Not sure enough.", log_odds=1.0)
    leads = [f"00Q{number}" for number in range(5)]
    made = [replace(decision(f"d{each}"), lead=replace(decision().lead, id=each), match=unsure) for each in leads]
    with house.database.write() as connection:
        reviews.follow(connection, acme.id, house.seal(acme), made, now=house.now)
    found: list[list[str]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = caller.ask("GET", f"/reviews?limit=2&cursor={cursor}")
        found.append([each["lead"] for each in page["items"]])
        cursor = page["next"]
    assert found == [leads[:2], leads[2:4], leads[4:]]


@pytest.mark.parametrize(
    "refused",
    [{"undo_days": 1}, {"undo_days": 3650}, {"decision_days": 3650}, {"task": False, "notification": "never"}],
)
def test_settings_change_all_together_or_not_at_all(caller: Program, refused: dict[str, object]) -> None:
    before, noted = caller.ask("GET", "/install/settings"), caller.ask("GET", "/changes")
    wanted = {
        "decision_days": before["decision_days"],
        "console_language": "fr",
        "language": "de",
        "one_language": True,
    }
    caller.ask("PATCH", "/install/settings", json={**wanted, **refused}, status=422)
    assert caller.ask("GET", "/install/settings") == before
    assert caller.ask("GET", "/changes") == noted
    caller.ask("PATCH", "/install/settings", json=wanted)
    assert caller.ask("GET", "/install/settings")["console_language"] == "fr"


def test_cursors_are_signed_and_belong_to_their_list(caller: Program) -> None:
    for days in range(1, 30, 1):
        caller.ask("PATCH", "/install/settings", json={"decision_days": days, "fewer_understood": True})
        caller.ask("PUT", "/install/mode", json={"mode": "suggest" if days % 2 else "observe"})
    page = caller.ask("GET", "/changes")
    assert len(page["items"]) == 50
    rest = caller.ask("GET", f"/changes?cursor={page['next']}")
    assert rest["next"] is None
    assert not {each["id"] for each in page["items"]} & {each["id"] for each in rest["items"]}
    assert caller.ask("GET", f"/changes?cursor={page['next']}x", status=422)["errors"][0]["parameter"] == "cursor"
    caller.ask("GET", f"/changes?did=mode&cursor={page['next']}", status=422)


def test_the_page_of_the_document_opens_without_a_key_and_loads_nothing_from_elsewhere(app: Flask) -> None:
    page = program(app).get(f"{PREFIX}/docs").text
    assert "set_mode" in page
    assert "http://" not in page
    assert "https://" not in page.replace(PUBLIC_URL, "").replace("https://switchyard.example", "")


def test_who_asks_too_often_is_told_to_wait(empty: Path, tmp_path: Path) -> None:
    shutil.copy(empty, tmp_path / "busy.sqlite")
    url = f"sqlite:///{tmp_path / 'busy.sqlite'}"
    busy = House(settings(database_url=url, data_dir=tmp_path, rate_limits=True, rate_api=2))
    acme = busy.connect("salesforce", "00D000000000001AAA", "Acme Corp")
    caller = program(create_app(busy), key_of(busy, acme))
    answers = [caller.get(f"{PREFIX}/install") for _ in range(3)]
    busy.close()
    assert [each.status_code for each in answers] == [200, 200, 429]
    assert answers[2].content_type == "application/problem+json"
    assert 0 < int(answers[2].headers["Retry-After"]) <= 60
    assert (answers[2].json or {})["type"].endswith("#too-many")
