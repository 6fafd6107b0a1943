"""A fuzz of everything that strangers can send us: ``python -m tests.fuzz --requests 100000``.

Two kinds of requests, in one process, against real services on SQLite:

- what HubSpot would send (webhooks, cards, settings, workflow actions, the OAuth callback), signed, then altered;
- the same altered first and signed then, for a portal that we do not serve: so the signature holds and
  the code behind it reads the nonsense.

No answer may be a 5xx, and afterwards every table has the rows it had before.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import func, select

from connector.app import create_app
from connector.store.schema import metadata
from tests.connector.web.hubspot_pages import ADMIN_LOGIN, LEAD, Page, page_of, portal, route, routed
from tests.connector.web.kit import PUBLIC_URL, House, batch, change, settings
from tests.sandbox.hubspot.proxy import Call

STRANGE_PORTAL = "9870000001"
"""Far from every portal that is connected, so that no altered digit makes it one."""
FAILED = 500
SHOWN = 10
NASTY: tuple[Any, ...] = (
    None, True, -1, 0, 10**40, 1.5e308, "", "\x00", "\ud800", "%00", "'; DROP TABLE letter;--", "../../etc/passwd",
    [], {}, [[]], {"a": {}}, "9" * 5000, "é" * 300, ["0-1"], float("nan"), "{{7*7}}", "0x10", "\uff11",
)  # fmt: skip
SIGNATURE = ("X-HubSpot-Signature-v3", "X-HubSpot-Request-Timestamp")
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "BREW")


@dataclass
class Report:
    """What came of a fuzz: answers by status, the first bad ones, and rows that changed by table."""

    requests: int = 0
    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    changed: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        """Whether no answer was a 5xx and nothing was stored."""
        return not self.failed and not self.changed

    def __str__(self) -> str:
        counts = ", ".join(f"{status}: {count:,}" for status, count in sorted(self.statuses.items()))
        lines = [f"{self.requests:,} requests in {self.seconds:.0f} s ({counts})"]
        lines += [f"5xx: {each}" for each in self.failed]
        lines += [f"rows of {table}: {before} -> {after}" for table, (before, after) in self.changed.items()]
        return "\n".join([*lines, "clean" if self.clean else "NOT clean"])


class Fuzz:
    """Requests from one seed; the same seed makes the same requests."""

    def __init__(self, directory: Path, seed: int) -> None:
        self._dice = random.Random(seed)
        self._house = House(settings(database_url=f"sqlite:///{directory / 'fuzz.sqlite'}", data_dir=directory))
        metadata.create_all(self._house.database.engine)
        install = portal(self._house)
        route(self._house, install, routed())
        app = create_app(self._house)
        self._page = page_of(app, self._house, ADMIN_LOGIN)
        self._own = self._sent(self._page)
        self._strange = self._sent(page_of(app, self._house, ADMIN_LOGIN, portal_id=STRANGE_PORTAL))
        self._valid = {_signed(each) for each in self._own}
        self._page.card()  # the list of users is asked for and remembered before rows are counted

    def close(self) -> None:
        """Close the services."""
        self._house.close()

    def run(self, count: int) -> Report:
        """Send so many requests."""
        report, began, before = Report(requests=count), time.monotonic(), self._rows()
        for _ in range(count):
            call = self._altered() if self._dice.random() < 0.5 else self._nonsense()
            status = self._page.send(call).status_code
            report.statuses[status] += 1
            if status >= FAILED and len(report.failed) < SHOWN:
                report.failed.append(f"{status} {call}")
        after = self._rows()
        report.changed = {name: (before[name], after[name]) for name in before if before[name] != after[name]}
        report.seconds = time.monotonic() - began
        return report

    def _rows(self) -> dict[str, int]:
        with self._house.database.read() as connection:
            return {
                table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
                for table in metadata.sorted_tables
            }

    def _altered(self) -> Call:
        """Return what HubSpot signed for a portal of ours, altered on the way."""
        call = self._dice.choice(self._own)
        for _ in range(self._dice.randint(1, 3)):
            call = self._dice.choice((self._body, self._address, self._headers, self._method))(call)
        if _signed(call) in self._valid:
            return replace(call, headers={})  # nothing was altered of what is signed
        return call

    def _nonsense(self) -> Call:
        """Return nonsense that is signed as it should be, about a portal that is not ours."""
        call = self._dice.choice(self._strange)
        for _ in range(self._dice.randint(1, 3)):
            call = self._dice.choice((self._json, self._body, self._address))(call)
        return self._page.proxy.sign(call.method, call.url, call.body, at=self._house.now)

    def _sent(self, page: Page) -> list[Call]:
        """Return one of each request that HubSpot makes."""
        now, proxy = self._house.now, page.proxy
        seen = {"objectTypeId": "0-1", "objectId": LEAD, "decision": "d1", "request": "undo", "note": "No."}
        rules = {"version": "x", "items": [{"id": "1"}, {"id": "", "definition": "- rule: A\n  assign: keep"}]}
        delivery = batch(
            change(int(proxy.portal_id)), change(int(proxy.portal_id), 2, subscriptionType="contact.merge")
        )
        return [
            proxy.sign("POST", f"{PUBLIC_URL}/webhooks/hubspot", delivery, at=now),
            proxy.fetch("GET", f"{PUBLIC_URL}/hubspot/cards/record?objectTypeId=0-1&objectId={LEAD}", at=now),
            proxy.fetch("GET", f"{PUBLIC_URL}/hubspot/cards/company?objectId=9001", at=now),
            proxy.fetch("POST", f"{PUBLIC_URL}/hubspot/cards/request", seen, at=now),
            proxy.fetch("GET", f"{PUBLIC_URL}/hubspot/settings", at=now),
            proxy.fetch("PUT", f"{PUBLIC_URL}/hubspot/settings/mode", {"mode": "observe"}, at=now),
            proxy.fetch(
                "PUT", f"{PUBLIC_URL}/hubspot/settings/routes", {"routes": "leads", "before": "contacts"}, at=now
            ),
            proxy.fetch("GET", f"{PUBLIC_URL}/hubspot/settings/rules?language=de", at=now),
            proxy.fetch("PUT", f"{PUBLIC_URL}/hubspot/settings/rules", rules, at=now),
            proxy.execute(f"{PUBLIC_URL}/hubspot/actions/route", int(LEAD), at=now),
            Call("GET", f"{PUBLIC_URL}/oauth/hubspot/callback?code=abc&state=xyz", b""),
        ]

    def _json(self, call: Call) -> Call:
        """Put something nasty at one place of a body of JSON."""
        try:
            tree = json.loads(call.body)
        except (ValueError, RecursionError):
            return call
        nasty = self._dice.choice(NASTY)
        places = list(_places(tree))
        if places:
            holder, key = self._dice.choice(places)
            if self._dice.random() < 0.3 and isinstance(holder, dict):
                del holder[key]
            else:
                holder[key] = nasty
        else:
            tree = nasty
        return replace(call, body=json.dumps(tree).encode("utf-8", "surrogatepass"))

    def _body(self, call: Call) -> Call:
        """Cut, double, flip or fill the bytes of a body."""
        body, dice = call.body, self._dice
        place = dice.randrange(len(body) + 1)
        return replace(
            call,
            body=dice.choice(
                (
                    body[:place],
                    body + body,
                    body[:place] + dice.randbytes(dice.randint(1, 9)) + body[place:],
                    body[:place] + bytes([dice.randrange(256)]) + body[place + 1 :],
                    b"[" * dice.choice((1, 50, 5000)),
                    b" " * dice.choice((0, 1, 70_000)),
                )
            ),
        )

    def _address(self, call: Call) -> Call:
        """Change a character of an address behind its host, or put something behind it."""
        dice, head, rest = self._dice, PUBLIC_URL, call.url.removeprefix(PUBLIC_URL)
        if dice.random() < 0.5:
            place = dice.randrange(1, len(rest))
            letter = dice.choice("0aZ%/?&=#;+.~é\x7f ")
            return replace(call, url=head + rest[:place] + letter + rest[place + 1 :])
        more = dice.choice(
            ("&portalId=1", "&x[]=%FF%00", "?x", "&&", "%", "/..", "&userId=&userId=", "&" + "a=1&" * 99)
        )
        return replace(call, url=call.url + more)

    def _headers(self, call: Call) -> Call:
        """Change or drop a header."""
        dice, headers = self._dice, dict(call.headers)
        name = dice.choice((*SIGNATURE, "Content-Type", "Cookie"))
        if dice.random() < 0.3:
            headers.pop(name, None)
        else:
            headers[name] = dice.choice(("", "0", "x" * 44, "é", "9" * 400, "-1", "text/plain; charset=\xff", "=" * 8))
        return replace(call, headers=headers)

    def _method(self, call: Call) -> Call:
        return replace(call, method=self._dice.choice(METHODS))


def _signed(call: Call) -> tuple[object, ...]:
    """Return what a signature is about, and the signature."""
    return call.method, call.url, call.body, *(call.headers.get(name) for name in SIGNATURE)


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place of a JSON tree, as its holder and the key there."""
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in list(pairs):
        yield tree, key
        yield from _places(value)


def main(arguments: list[str]) -> int:
    """Run a fuzz and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory(prefix="switchyard-fuzz-") as directory:
        fuzz = Fuzz(Path(directory), given.seed)
        try:
            report = fuzz.run(given.requests)
        finally:
            fuzz.close()
    print(report)
    return 0 if report.clean else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
