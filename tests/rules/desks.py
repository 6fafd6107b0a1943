"""A pool of five people and the desk before it, for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from rules.calendar import read_hours
from rules.model import Standing, Turn, User
from rules.parts import Member, Pool
from rules.pools import Desk, Refusal, take

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAMES = ("ana", "bob", "cem", "dia", "eva")
USERS = {f"{name}@x.example": User(name, name.title(), f"{name}@x.example") for name in NAMES}
OFFICE = read_hours("Mon-Fri 09:00-18:00 Europe/Paris")


def mail(name: str) -> str:
    return f"{name}@x.example"


def pool(*members: Member | str, **rest: Any) -> Pool:
    return Pool("P", tuple(each if isinstance(each, Member) else Member(mail(each)) for each in members), **rest)


def desk(at: datetime = MONDAY, **rest: Any) -> Desk:
    return Desk(**{"at": at, "users": USERS, **rest})


def turn(of: Pool, where: Desk) -> Turn:
    found = take(of, where)
    assert isinstance(found, Turn), found
    return found


def refusal(of: Pool, where: Desk) -> Refusal:
    found = take(of, where)
    assert isinstance(found, Refusal), found
    return found


def run(of: Pool, count: int, standing: Standing | None = None, **rest: Any) -> tuple[list[str], Standing]:
    takers = []
    for _ in range(count):
        found = turn(of, desk(**{**rest, "rotation": {"P": standing or {}}}))
        takers.append(found.member_id)
        standing = found.after
    return takers, standing or {}


def takers(of: Pool, count: int, **rest: Any) -> str:
    return " ".join(run(of, count, **rest)[0])
