"""Long work of an install: readings of the CRM, mass matches, clean-ups, undoes ...: how far it is, and moving it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from types import MappingProxyType
from typing import cast, get_args

from connector.crm import CrmName
from connector.desk import log, retelling, suggestions
from connector.desk.faults import NotThere, Overtaken, Unusable
from connector.desk.merging import NOT_ACTING, ruleset_of
from connector.index import Index
from connector.services import Services
from connector.store import progress
from connector.store.cleanups import PREFIX
from connector.store.installs import Install
from connector.store.progress import Progress
from jobs import backfill, budget, cleanup, cleanup_estimate, cleanup_report, contacts, massmatch
from jobs.cleanup_estimate import Estimate
from jobs.cleanup_report import Report
from jobs.massmatch import Which, Work
from rules.model import Kind
from rules.ruleset import RuleSet
from rules.wording.words import english

READING = "backfill"
SUGGESTIONS = contacts.NAME
GOING = frozenset({"waiting", "running"})
PAGES: Mapping[CrmName, int] = MappingProxyType({"salesforce": 2000, "hubspot": 100})
"""Records that one call of a reading brings."""
BATCHES: Mapping[CrmName, int] = MappingProxyType({"salesforce": 200, "hubspot": 100})
"""Leads that one call of a mass match reads."""
CANCELLED = english("work.cancelled")
DOINGS = ("pause", "resume", "cancel", "apply", "undo")


@dataclass(frozen=True, slots=True)
class Run:
    """One piece of long work. `kind` is what it does (``backfill``, ``match``, ``try``, ``suggest``, ``cleanup`` ...).

    `about` is what it goes through (``account``, ``unmatched``); `seconds_left` a guess by its pace so far, None while
    nobody can tell. `can` holds which of DOINGS it allows, and ``export``. `report` is what came of a clean-up.
    """

    name: str
    kind: str
    about: str
    work: Progress | None
    seconds_left: float | None
    can: frozenset[str]
    report: Report | None = None

    @property
    def state(self) -> str:
        """How far it is, in one word: waiting, running, paused, done or failed."""
        return self.work.state if self.work else "done"


@dataclass(frozen=True, slots=True)
class Estimates:
    """What work would cost in calls of the API, beside how many of today's are left for it (None: no limit known).

    `records` of each kind are read anew by a reading, `leads` are matched by a mass match. What a match changes costs
    calls of its own; a try makes none but what the policy asks beside accounts, nor do suggestions, which go through
    the `contacts`.
    """

    records: Mapping[Kind, int]
    reading: int
    leads: int
    matching: int
    contacts: int
    left: int | None

    def fits(self, calls: int) -> bool:
        """Tell whether today's calls are enough for so many."""
        return self.left is None or calls <= self.left


def listing(services: Services, install: Install) -> tuple[Run, ...]:
    """Return all long work that is known: what is under way first, then by when something last happened."""
    now, acts = services.clock(), _acts(services, install)
    with services.database.read() as connection:
        works = progress.of(connection, install.id)
        reports = {
            each.run.name: each for each in cleanup_report.reports(connection, install.id, services.seal(install))
        }
    known = {each.name for each in works}
    found = [_run(each, reports.get(each.name), now, acts=acts) for each in works if each.name not in _QUIET]
    found += [_past(each, acts=acts) for name, each in reports.items() if name not in known]
    return tuple(sorted(found, key=_order))


def of(services: Services, install: Install, name: str) -> Run:
    """Return one piece of long work by its name. Raises NotThere."""
    found = next((each for each in listing(services, install) if each.name == name), None)
    if found is None:
        raise NotThere("There is no such run.", field="run")
    return found


def estimates(services: Services, install: Install) -> Estimates:
    """Return what a reading and a mass match would cost."""
    with services.database.read() as connection:
        index = Index(connection, install.id, services.seal(install))
        records = {kind: index.count(kind) for kind in backfill.KINDS}
        stands = budget.standing(connection, install.id, services.settings, now=services.clock())
    left = None if stands.rests_at is None else max(0, stands.rests_at - stands.used)
    reading = sum(ceil(count / PAGES[install.crm]) for count in records.values())
    matching = ceil(records["lead"] / BATCHES[install.crm])
    return Estimates(records, reading, records["lead"], matching, records[contacts.kind_of(install)], left)


def estimate_cleanup(services: Services, install: Install, ruleset: RuleSet | None = None) -> Estimate:
    """Return what a clean-up would find and cost, by a look at the first records: some tenths of a second."""
    rules, now = ruleset or ruleset_of(services, install), services.clock()
    with services.database.read() as connection:
        return cleanup_estimate.estimate(connection, install, services.seal(install), rules, services.settings, now=now)


def start_reading(services: Services, install: Install, *, by: str) -> tuple[str, ...]:
    """Have every record of the CRM read again; return the runs by name. Raises Overtaken while one is under way."""
    now, names = services.clock(), tuple(backfill.name(kind) for kind in backfill.KINDS)
    with services.database.write() as connection:
        states = {each.name: each.state for each in progress.of(connection, install.id)}
        if any(states.get(name) in {*GOING, "paused"} for name in names):
            raise Overtaken("A reading is under way already.")
        for name in names:
            progress.start(connection, install.id, name, now=now)
    _begun(services, install, by, READING)
    return names


def start_match(services: Services, install: Install, *, work: str, which: str, by: str) -> str:
    """Have leads matched again (``match``) or only counted what would come of it (``try``), ``all`` or ``unmatched``.

    Returns the run's name. Raises Unusable for other words, Overtaken while the same run is under way.
    """
    if work not in get_args(Work) or which not in get_args(Which):
        raise Unusable("Say match or try, and all or unmatched.", field="work")
    chosen, leads = cast("Work", work), cast("Which", which)
    with services.database.write() as connection:
        states = {each.name: each.state for each in progress.of(connection, install.id)}
        if states.get(f"{work}:{which}") in {*GOING, "paused"}:
            raise Overtaken("This run is under way already.")
        name = massmatch.start(connection, install.id, work=chosen, which=leads, now=services.clock())
    _begun(services, install, by, name)
    return name


def start_cleanup(services: Services, install: Install, *, applies: bool, by: str, name: str = "") -> str:
    """Begin a clean-up; `applies`: it merges what is surely the same, `name` is what the person is called.

    Returns the run's name. Raises Overtaken when none can begin now.
    """
    ruleset = ruleset_of(services, install)
    guess = estimate_cleanup(services, install, ruleset)
    calls = guess.looking + (guess.merging if applies else 0)
    try:
        run = cleanup.ask(
            services.database,
            install,
            services.seal(install),
            ruleset,
            by=name or by,
            applies=applies,
            calls=calls,
            now=services.clock(),
        )
    except cleanup.NotNow as error:
        raise Overtaken(str(error)) from None
    _begun(services, install, by, run)
    return run


def start_suggesting(services: Services, install: Install, *, by: str, name: str = "") -> str:
    """Have accounts looked for that contacts without one may belong to; `name` is what the person is called.

    Returns the run's name; what the run before found is let go. Raises Overtaken while it is under way.
    """
    seal, version = services.seal(install), ruleset_of(services, install).version
    with services.database.write() as connection:
        states = {each.name: each.state for each in progress.of(connection, install.id)}
        if states.get(contacts.NAME) in {*GOING, "paused"}:
            raise Overtaken("This run is under way already.")
        run = contacts.start(connection, install, seal, by=name or by, version=version, now=services.clock())
    _begun(services, install, by, run)
    return run


def move(services: Services, install: Install, name: str, do: str, *, by: str, called: str = "") -> None:
    """Do with a run what `do` says, one of DOINGS; `called` is what the person is called, for an undo.

    Raises NotThere, Unusable for another word, Overtaken when the run is not where that can be done.
    """
    if do not in DOINGS:
        raise Unusable("Say pause, resume, cancel, apply or undo.", field="do")
    run = of(services, install, name)
    if do == "apply" and not _acts(services, install):
        raise Unusable(NOT_ACTING, field="do")
    if do not in run.can or not _moved(services, install, name, do, called or by):
        raise Overtaken("Nothing was changed: it is through already, or not far enough for that.")
    services.ring(install.id)
    log.note(services, install, by=by, did=f"run {do}", about=name)


def export(services: Services, install: Install, name: str) -> Iterator[str]:
    """Return what a clean-up, or a run for suggestions, found as the lines of a CSV file. Raises NotThere."""
    if "export" not in of(services, install, name).can:
        raise NotThere("There is no such run.", field="run")
    if name == contacts.NAME:
        return suggestions.table(services, install)
    with services.database.read() as connection:
        found = cleanup_report.every(connection, install.id, services.seal(install), run=name)
        return iter(cleanup_report.csv(map(retelling.asked, found)))


def _moved(services: Services, install: Install, name: str, do: str, by: str) -> bool:
    seal, now = services.seal(install), services.clock()
    if do == "apply":
        return cleanup.apply_run(services.database, install, seal, name, now=now)
    if do == "undo":
        return cleanup.undo_run(services.database, install, seal, name, by=by, now=now) > 0
    with services.database.write() as connection:
        if do == "pause":
            return progress.pause(connection, install.id, [name], now=now) > 0
        if do == "resume":
            return progress.resume(connection, install.id, [name], now=now) > 0
        if name.startswith(PREFIX):
            return cleanup.cancel(connection, install.id, name, now=now)
        progress.resume(connection, install.id, [name], now=now)
        return progress.advance(connection, install.id, name, now=now, state="done", reason=CANCELLED)


_QUIET = frozenset({"standings", "responses", "leads that wait", "expire"})
"""Work that is soon done and that nobody asked for."""
_MOVABLE = frozenset({"match", "try", "cleanup", "suggest"})


def _run(work: Progress, report: Report | None, now: datetime, *, acts: bool) -> Run:
    kind, _, about = work.name.partition(":")
    can = set()
    if kind in {*_MOVABLE, READING} and work.state in GOING:
        can.add("pause")
    if work.state == "paused":
        can.add("resume")
    if kind in _MOVABLE and work.state in {*GOING, "paused"}:
        can.add("cancel")
    if work.name == contacts.NAME:
        can.add("export")
    return Run(
        work.name,
        kind,
        about,
        retelling.work(work),
        _left(work, now),
        frozenset(can | _after(report, acts=acts)),
        report,
    )


def _past(report: Report, *, acts: bool) -> Run:
    """Return a clean-up whose row of progress is gone."""
    kind, _, about = report.run.name.partition(":")
    return Run(report.run.name, kind, about, None, None, frozenset(_after(report, acts=acts)), report)


def _after(report: Report | None, *, acts: bool) -> set[str]:
    """Return what can be done with what a clean-up found."""
    if report is None:
        return set()
    can = {"export"}
    if report.state == "done" and acts and report.states.get("open"):
        can.add("apply")
    if report.states.get("merged") or report.states.get("merging"):
        can.add("undo")
    return can


def _left(work: Progress, now: datetime) -> float | None:
    if work.state != "running" or not work.started_at or not work.total or not work.done:
        return None
    pace = (now - work.started_at).total_seconds() / work.done
    return max(0.0, pace * (work.total - work.done))


def _order(run: Run) -> tuple[bool, float, str]:
    at = run.work.updated_at if run.work else run.report.run.created_at if run.report else None
    return run.state not in {*GOING, "paused"}, -(at.timestamp() if at else 0.0), run.name


def _acts(services: Services, install: Install) -> bool:
    policy = ruleset_of(services, install).duplicates
    return policy is not None and policy.mode_within(install.mode) == "act"


def _begun(services: Services, install: Install, by: str, name: str) -> None:
    services.ring(install.id)
    log.note(services, install, by=by, did="run begun", about=name)
