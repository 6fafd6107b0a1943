"""The course of a chaos: people work, the seed says what goes wrong and who dies where, then all is waited for."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from sqlalchemy import select, update

from connector.store import timers
from tests.chaos import evidence, steps
from tests.chaos.evidence import Known
from tests.chaos.findings import Findings
from tests.chaos.judging import Case, judge
from tests.chaos.people import Callers, Everybody, Sellers
from tests.chaos.place import Stage, stage
from tests.chaos.troubles import Troubles
from tests.local.processes import until
from tests.postgres import Postgres
from tests.soak.ground import utc_now

AT_ONCE = 8
"""Steps at which somebody is to die, at the same time."""
MOST_WAITING = 1500
PAUSE_SECONDS = 600.0
TIMER_ROUNDS = 12
"""A lead that nobody acts on goes from one to the next of its pool, each with timers of its own."""
SOON = 2.0


@dataclass(frozen=True)
class Plan:
    """How much is done and how much goes wrong.

    `steps`: at how many of the named steps somebody dies, None for all. `rate` is events a second, `quiet` how many
    seconds all may take to be answered in the end, `patience` how long somebody is waited for to come by at a step,
    `meanwhile` how often people act while a trouble lasts.
    """

    events: int
    seed: int = 7
    rounds: int = 1
    accounts: int = 150
    rate: float = 60.0
    quiet: float = 900.0
    patience: float = 240.0
    steps: int | None = None
    meanwhile: int = 4
    long: bool = True
    settings: dict[str, str] = field(default_factory=dict)


@dataclass
class Report:
    """What was done, what went wrong on purpose, and what was found."""

    seed: int
    done: Counter[str]
    troubles: Counter[str]
    died: Counter[str]
    died_at: list[str]
    never_reached: list[str]
    seconds: float
    settling: float
    found: Findings


Say = Callable[[str], None]


@dataclass
class Course:
    """A chaos under way."""

    here: Stage
    plan: Plan
    people: Everybody
    troubles: Troubles
    say: Say
    ordered: list[str] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Draw by lot what goes wrong when."""
        random = Random(f"chaos:{self.plan.seed}")
        self.names: list[str] = []
        for _ in range(self.plan.rounds):
            kinds = sorted(self.troubles.kinds)
            random.shuffle(kinds)
            self.names += kinds
        self.left = list(steps.NAMES)
        random.shuffle(self.left)
        self.left = self.left[: self.plan.steps]
        self.random = random
        self.began = time.monotonic()

    def work(self) -> None:
        """Let people make their changes while it goes wrong."""
        for number, name in enumerate([*self.names, ""], start=1):
            self._work(number * self.plan.events // (len(self.names) + 1))
            if name:
                self.say(f"{self.people.done.total():>7,} events, {time.monotonic() - self.began:>4.0f} s: {name}")
                self.troubles.kinds[name]()
                self.happened[name] += 1

    def _work(self, until_done: int) -> None:
        began, made, left = time.monotonic(), 0, until_done - self.people.done.total()
        while made < left:
            made += self.people.act()
            self._order_deaths()
            ahead = made / self.plan.rate - (time.monotonic() - began)
            time.sleep(max(ahead, 0.0))  # events come over time; nothing is waited for here
            self.here.hurry()
            if self.here.waiting() > MOST_WAITING:
                self.here.wait(lambda: self.here.waiting() < MOST_WAITING // 2, PAUSE_SECONDS, "fewer letters")

    def _order_deaths(self) -> None:
        """Have a few processes die at their next steps."""
        waited_for = self._waited_for()
        while self.left and len(waited_for) < AT_ONCE:
            name = self.left.pop()
            self.here.order_death(name, with_parent=self.random.random() < 0.3)
            self.ordered.append(name)
            waited_for.append(name)
        if self.left and self.random.random() < 0.05:
            # One that is never reached must not keep the others back.
            self.left.insert(0, self.left.pop())

    def finish(self) -> tuple[list[str], str]:
        """Have nothing go wrong any more and wait until all is answered and every timer has had its time.

        Returns the steps at which nobody came by, and what is left after a long wait.
        """
        here = self.here
        self._deaths_of_the_rest()
        never = here.withdraw_deaths()
        here.thaw()
        for crm in (here.org, here.portals):
            crm.control.delete("faults")
        here.portals.control.post("webhooks", {"held": False, "delay": 0.0})
        here.portals.have_compared()
        (lead,), (contact,) = self.people.sellers.create_many(1), self.people.callers.create_many(1)
        try:
            here.wait(lambda: here.org.eye.is_answered(lead), self.plan.quiet, "the last lead decided")
            here.wait(here.portals.is_told, self.plan.quiet, "the last contact heard of")
            here.wait(lambda: self._is_decided(contact), self.plan.quiet, "the last contact decided")
            for _ in range(TIMER_ROUNDS):
                here.wait(lambda: not here.busy(), self.plan.quiet, "all answered")
                if not self._hurry_timers():
                    break
        except TimeoutError as error:
            return never, f"{error}; left: {here.busy()}"
        return never, ""

    def _deaths_of_the_rest(self) -> None:
        """Go on until somebody has come by at each step that was ordered, for as long as is reasonable."""
        # A stream that pauses does so in its process: a new one does not wait for what the old one did.
        self.here.kill("listener")
        ends = time.monotonic() + self.plan.patience
        while time.monotonic() < ends and (self.left or self._waited_for()):
            self._order_deaths()
            for each in (self.people.sellers, self.people.callers):
                each.do_the_seldom()
            if any(steps.GRANT in name for name in self._waited_for()):
                self.here.portals.control.post("expire", {})
            if any("timer" in name for name in self._waited_for()):
                self._bring_timers_due()
            self.here.hurry()
            time.sleep(SOON)  # events come over time

    def _waited_for(self) -> list[str]:
        return [name for name in self.ordered if self.here.is_waited_for(name)]

    def _is_decided(self, contact: str) -> bool:
        """Whether a contact has a decision, or was merged into who was there before."""
        callers = self.people.callers
        rows = callers.control.get("rows/contacts", portalId=callers.portal)
        return all(row["id"] != contact or row["properties"].get("switchyard_decision") for row in rows)

    def _hurry_timers(self) -> bool:
        """Have the time come for every timer; False when none waits."""
        if not self._bring_timers_due():
            return False
        until(self._all_fired, seconds=self.plan.quiet, what="timers fired", every=0.5)
        return True

    def _bring_timers_due(self) -> int:
        """Have the time come for every timer that waits; return how many."""
        table = timers.timer
        with self.here.database.write() as connection:
            changed = update(table).where(table.c.state == "waiting").values(due_at=utc_now())
            return connection.execute(changed).rowcount

    def _all_fired(self) -> bool:
        self.here.hurry()
        table = timers.timer
        late = (table.c.state == "waiting") & (table.c.due_at < utc_now())
        with self.here.database.read() as connection:
            return not connection.execute(select(table.c.lead_id).where(late)).first()

    def known(self) -> tuple[Known, Known]:
        """Return what people remember of both CRMs."""
        sellers, callers = self.people.sellers, self.people.callers
        return (
            Known(sellers.born, sellers.changed, sellers.twins, sellers.accounts),
            Known(callers.born, callers.changed, callers.twins, callers.accounts, callers.restored, callers.before),
        )


def run(directory: Path, plan: Plan, *, postgres: Postgres | None = None, say: Say = lambda _line: None) -> Report:
    """Play a chaos in `directory`, on SQLite or on a new database of `postgres`; return what came of it."""
    database = postgres.create() if postgres else ""
    with stage(directory, accounts=plan.accounts, database=database, **plan.settings) as here:
        people = Everybody(
            Sellers(here.org.control, here.org.companies, seed=plan.seed),
            Callers(
                here.portals.control, here.portals.installs[0].tenant_id, here.portals.companies, seed=f"{plan.seed}"
            ),
            seed=plan.seed,
        )
        troubles = Troubles(here, people, postgres, long=plan.long, meanwhile=plan.meanwhile)
        course = Course(here, plan, people, troubles, say)
        course.work()
        seconds = time.monotonic() - course.began
        say(f"{people.done.total():>7,} events in {seconds:.0f} s; waiting until all is answered")
        never, left = course.finish()
        settling = time.monotonic() - course.began - seconds
        found = _judged(here, course)
        if left:
            found.note("not answered in time", left)
        died_at = [name for name in course.ordered if name not in never]
        return Report(
            plan.seed, people.done, course.happened, here.product.died, died_at, never, seconds, settling, found
        )


def _judged(here: Stage, course: Course) -> Findings:
    portal = here.portals.installs[0]
    tenants = [
        evidence.of_salesforce(here.org.control, here.org.install.id),
        evidence.of_hubspot(here.portals.control, portal.id, portal.tenant_id),
    ]
    strangers = evidence.add_ours(
        tenants, here.product.world.settings(here.product.data, **here.product.settings).database
    )
    case = Case(list(zip(tenants, course.known(), strict=True)), strangers, time.time())
    case.keep(here.product.world.directory / "case.pickle")
    return judge(case.tenants, case.strangers, case.now)
