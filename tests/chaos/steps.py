"""The named steps at which a process of the product can be told to die, and how it is told.

A process that runs under :func:`watch` looks, at each of its steps, for a file with the name of the step; whoever finds
it takes it away and is gone (SIGKILL). A step is before or after the commit of a transaction in which something was
written, or before or after an answer of a CRM. Nothing of this is in the product: its functions are wrapped in the
process that tests start for it.
"""

from __future__ import annotations

import contextlib
import functools
import http.client
import importlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from connector.store.base import Database

WRITES = {
    "letters received": "letters.receive",
    "letters settled": "letters.settle",
    "decisions intended": "decisions.intend",
    "decisions settled": "unfinished.settle",
    "actions begun": "ledger.begin",
    "actions recorded": "ledger.record",
    "rotation moved": "rotation.put",
    "assignments added": "assignments.add",
    "timers set": "timers.add",
    "timers stopped": "timers.stop",
    "timer fired": "timers.fire",
    "aliases kept": "aliases.put",
    "rules kept": "rulesets.put",
    "place kept": "cursors.put",
    "lease taken": "leases.take",
}
"""What is written -> the function of `connector.store` that does it. Each is a step before the commit and one after."""
SALESFORCE = ("snapshot", "merge", "record", "notify", "read")
HUBSPOT = ("snapshot", "merge", "update", "link", "task", "audit", "read")
"""What is asked of a CRM. Each is a step when it was sent, and perhaps applied, and one when it was answered."""
GRANT = "hubspot grant"
"""The renewal of a token. Not of Salesforce's: there the old one is dead by then, and an admin must connect again."""
_BY_LISTENER = ("letters received", "place kept")
_BY_WORKER = tuple(name for name in WRITES if name not in {"letters received", "place kept"})


def _each(who: str, names: tuple[str, ...], *moments: str) -> Iterator[str]:
    return (f"{who}: {name}, {moment}" for name in names for moment in moments)


NAMES = (
    *_each("worker", _BY_WORKER, "not committed", "committed"),
    *_each("worker", tuple(f"salesforce {each}" for each in SALESFORCE), "sent", "answered"),
    *_each("worker", tuple(f"hubspot {each}" for each in HUBSPOT), "sent", "answered"),
    *_each("worker", (GRANT,), "sent", "answered"),
    *_each("listener", _BY_LISTENER, "not committed", "committed"),
    *_each("web", ("letters received",), "not committed", "committed"),
    "web: rung, done",
    *_each("clock", ("lease taken",), "not committed", "committed"),
    "clock: swept, done",
)
"""Every step at which a process can die, as ``process: what, when``."""


class Reached:
    """What a process does at each of its steps."""

    def __init__(self, orders: Path, role: str) -> None:
        self._orders, self._role, self._first = orders, role, os.getpid()
        self._here = threading.local()

    def step(self, what: str, when: str) -> None:
        """Die here when that was ordered; what was forked by a worker or web server may take that along."""
        name = f"{self._role}: {what}, {when}"
        try:
            told = order_at(self._orders, name).read_text()
            order_at(self._orders, name).unlink()
        except FileNotFoundError:
            return
        if told == WITH_PARENT and os.getppid() == self._first:
            os.kill(self._first, signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)

    @property
    def written(self) -> list[str]:
        """What this thread has written in its transaction so far."""
        return self._listed("written")

    @property
    def asked(self) -> list[str]:
        """What this thread is asking a CRM, the last thing last."""
        return self._listed("asked")

    def _listed(self, name: str) -> list[str]:
        if not hasattr(self._here, name):
            setattr(self._here, name, [])
        found: list[str] = getattr(self._here, name)
        return found


ALONE, WITH_PARENT = "alone", "with parent"


def order_at(orders: Path, name: str) -> Path:
    """Return the file that tells whoever reaches a step to die there."""
    return orders / name.replace(" ", "_")


def watch(orders: Path, role: str) -> None:
    """Have this process, and what it forks, look for an order at each step of its role."""
    reached = Reached(orders, role)
    for name, place in WRITES.items():
        _wrap_write(reached, name, place)
    _wrap_commits(reached)
    _wrap_answers(reached)
    for crm, module in (("salesforce", "connector.salesforce.gateway"), ("hubspot", "connector.hubspot.asking")):
        made = getattr(importlib.import_module(module), "SalesforceCrm" if crm == "salesforce" else "AskedHubSpot")
        _wrap_asking(reached, made, "apply", (f"{crm} {{}}").format)
        _wrap_asking(reached, made, "read", (f"{crm} read").format)
    _wrap_done(reached, "jobs.queues", "Doorbell.ring", "rung")
    _wrap_done(reached, "jobs.clock", "sweep", "swept")


def _wrap_write(reached: Reached, name: str, place: str) -> None:
    module, _, verb = place.partition(".")
    home = importlib.import_module(f"connector.store.{module}")
    write = getattr(home, verb)

    @functools.wraps(write)
    def watched(*given: Any, **named: Any) -> Any:
        done = write(*given, **named)
        reached.written.append(name)
        reached.step(name, "not committed")
        return done

    setattr(home, verb, watched)


def _wrap_commits(reached: Reached) -> None:
    write = Database.write

    @contextlib.contextmanager
    def watched(self: Database) -> Iterator[Any]:
        reached.written.clear()
        with write(self) as connection:
            yield connection
        names = list(reached.written)
        reached.written.clear()
        for name in names:
            reached.step(name, "committed")

    Database.write = watched  # type: ignore[method-assign]


def _wrap_answers(reached: Reached) -> None:
    ask, answer = http.client.HTTPConnection.putrequest, http.client.HTTPConnection.getresponse

    def asking(self: http.client.HTTPConnection, method: str, url: str, *given: Any, **named: Any) -> None:
        self.chaos_grant = url.startswith("/oauth/")  # type: ignore[attr-defined]
        ask(self, method, url, *given, **named)

    def watched(self: http.client.HTTPConnection) -> http.client.HTTPResponse:
        renewing = getattr(self, "chaos_grant", False)
        told = [GRANT] if renewing else reached.asked[-1:]
        for name in told:
            reached.step(name, "sent")
        found = answer(self)
        for name in told:
            reached.step(name, "answered")
        return found

    http.client.HTTPConnection.putrequest = asking  # type: ignore[method-assign]
    http.client.HTTPConnection.getresponse = watched  # type: ignore[method-assign]


def _wrap_asking(reached: Reached, crm: type[Any], verb: str, named: Callable[[str], str]) -> None:
    ask = getattr(crm, verb)

    @functools.wraps(ask)
    def watched(self: Any, first: str, *given: Any, **more: Any) -> Any:
        reached.asked.append(named(first))
        try:
            return ask(self, first, *given, **more)
        finally:
            reached.asked.pop()

    setattr(crm, verb, watched)


def _wrap_done(reached: Reached, module: str, path: str, name: str) -> None:
    home: Any = importlib.import_module(module)
    *owners, verb = path.split(".")
    for each in owners:
        home = getattr(home, each)
    do = getattr(home, verb)

    @functools.wraps(do)
    def watched(*given: Any, **named: Any) -> Any:
        done = do(*given, **named)
        reached.step(name, "done")
        return done

    setattr(home, verb, watched)
