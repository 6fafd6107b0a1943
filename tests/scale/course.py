"""The course of a run: a quiet time, one with a noisy neighbour, a rolling deploy, a cut cable; then the audit."""

from __future__ import annotations

import contextlib
import statistics
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests import postgres
from tests.bench.running import Side
from tests.chaos import evidence
from tests.chaos.evidence import Known
from tests.chaos.findings import Findings
from tests.chaos.judging import judge
from tests.scale.fleet import FRONT, Customer, Fleet, fleet
from tests.scale.hosts import OUTSIDE, network
from tests.scale.people import People

QUIET, NOISY, DEPLOY, CUT = "quiet", "noisy neighbour", "rolling deploy", "cable out"
TWICE = 2.0
"""By how much the others' p99 may grow beside a noisy neighbour."""
REST_SECONDS = 5.0
ODD = (143, -15)
"""How a process ends whose SIGTERM nobody caught."""


@dataclass(frozen=True)
class Plan:
    """How large a run is. `rate` is leads a second of all customers together, `seconds` how long each part lasts.

    `noise`: how many times the leads of any other customer the noisy one makes.
    """

    portals: int = 94
    orgs: int = 6
    accounts: int = 30
    hosts: int = 2
    workers: int = 2
    rate: float = 2.0
    noise: float = 50.0
    seconds: float = 120.0
    cut: float = 20.0
    seed: int = 7
    patience: float = 600.0


@dataclass
class Waits:
    """How long leads waited for their owner, in seconds."""

    leads: int
    p50: float
    p99: float
    slowest: float


@dataclass
class Report:
    """What was measured and found. `stops` are the seconds that each process took to end when asked to."""

    installs: int
    waits: dict[str, Waits] = field(default_factory=dict)
    noisy: Waits | None = None
    ratio: float = 0.0
    share_of_noisy: float = 0.0
    stops: dict[str, float] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    refused_calls: int = 0
    found: Findings = field(default_factory=Findings)

    @property
    def faults(self) -> dict[str, list[str]]:
        """What was promised and is not so."""
        faults = {name: list(ids) for name, ids in self.found.faults.items()}
        if self.ratio > TWICE:
            faults["the neighbours of a noisy one waited"] = [f"{self.ratio:.2f} times as long"]
        if killed := [f"{name}: {code}" for name, code in self.codes.items() if code in ODD]:
            faults["did not stop gracefully"] = killed
        return faults


def run(directory: Path, plan: Plan, say: Callable[[str], None]) -> Report:
    """Play the course; raises TimeoutError when something is never answered."""
    sizes = {"portals": plan.portals, "orgs": plan.orgs, "accounts": plan.accounts}
    net = network(FRONT, *(chr(ord("a") + number) for number in range(plan.hosts)))
    with (
        postgres.running(OUTSIDE) as server,
        fleet(directory, net, server.create(), **sizes, workers=plan.workers, say=say) as here,
    ):
        report = Report(len(here.customers))
        people = People(here.customers, accounts=plan.accounts, seed=plan.seed)
        for place in range(len(here.customers)):
            people.lead(place, "first")  # the first lead of an install also pays for what is looked up once
        here.wait_until_done(plan.patience)
        _quiet_and_noisy(here, people, plan, say)
        _deploy(here, people, plan, report, say)
        _cut(here, people, plan, say)
        _measure(here.customers, people, report)
        report.refused_calls = sum(each["refused"] for each in here.crms.hubspot_control.get("limits"))
        report.found = _judged(here, people)
    return report


def _quiet_and_noisy(here: Fleet, people: People, plan: Plan, say: Callable[[str], None]) -> None:
    """The same leads twice; the second time the first customer, a portal, makes many more beside the others."""
    each = plan.rate / len(here.customers)
    say(f"{QUIET}: {plan.rate:g} leads a second of {len(here.customers)} customers for {plan.seconds:.0f} s")
    with _making(people, plan.rate, QUIET, but=0):
        time.sleep(plan.seconds)
    here.wait_until_done(plan.patience)
    say(f"{NOISY}: one of them makes {plan.noise * each:g} a second")
    with _making(people, plan.rate, NOISY, but=0), _making(people, plan.noise * each, NOISY, one=0):
        time.sleep(plan.seconds)
    here.wait_until_done(plan.patience)


def _deploy(here: Fleet, people: People, plan: Plan, report: Report, say: Callable[[str], None]) -> None:
    """Replace every process, one after the other, while leads come."""
    say(f"{DEPLOY}: {len(here.roles)} processes, one after the other")
    with _making(people, plan.rate, DEPLOY):
        for name in here.roles:
            report.stops[name], report.codes[name] = here.replace(name)
            time.sleep(1.0)
    here.wait_until_done(plan.patience)


def _cut(here: Fleet, people: People, plan: Plan, say: Callable[[str], None]) -> None:
    """Pull the last host's cable while leads come, and put it back in."""
    name = list(here.hosts.hosts)[-1]
    say(f"{CUT}: host {name} is off the network for {plan.cut:.0f} s")
    with _making(people, plan.rate, CUT):
        here.hosts.hosts[name].pull()
        time.sleep(plan.cut)
        here.hosts.hosts[name].plug()
        time.sleep(REST_SECONDS)
    here.wait_until_done(plan.patience)


@contextlib.contextmanager
def _making(
    people: People, rate: float, part: str, *, one: int | None = None, but: int | None = None
) -> Iterator[None]:
    """Have leads come while the block lasts. Raises what went wrong with making them."""
    over, wrong = threading.Event(), list[BaseException]()

    def make() -> None:
        try:
            if one is None:
                people.everybody(rate, part, over, but=but)
            else:
                people.one(one, rate, part, over)
        except Exception as error:  # noqa: BLE001 - told by the block
            wrong.append(error)

    thread = threading.Thread(target=make, name=f"leads {part}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    if wrong:
        raise LookupError(f"no more leads came: {wrong[0]!r}")


def _measure(customers: list[Customer], people: People, report: Report) -> None:
    """Ask each CRM's own records how long every lead waited."""
    times = [Side(each.crm, each.install, each.eye).waits() for each in customers]
    waits: dict[str, list[float]] = defaultdict(list)
    for made in people.made:
        if made.lead_id in times[made.place]:
            part = "the noisy one" if made.part == NOISY and made.place == 0 else made.part
            waits[part].append(times[made.place][made.lead_id])
    found = {part: _waits(values) for part, values in waits.items()}
    report.noisy = found.pop("the noisy one", None)
    report.waits = found
    report.ratio = round(found[NOISY].p99 / found[QUIET].p99, 2)
    loud = report.noisy.leads if report.noisy else 0
    report.share_of_noisy = round(loud / (loud + found[NOISY].leads), 2)


def _waits(values: list[float]) -> Waits:
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return Waits(len(values), round(cuts[49], 2), round(cuts[98], 2), round(max(values), 2))


def _judged(here: Fleet, people: People) -> Findings:
    """Have the judge of the chaos suite look at every customer: rows of the CRMs, plain SQL, none of our code."""
    tenants = [
        evidence.of_salesforce(each.control, each.install.id)
        if each.crm == "salesforce"
        else evidence.of_hubspot(each.control, each.install.id, each.install.tenant_id)
        for each in here.customers
    ]
    strangers = evidence.add_ours(tenants, here.services.settings.database)
    born: dict[int, set[str]] = defaultdict(set)
    for made in people.made:
        born[made.place].add(made.lead_id)
    known = [Known(born[place], {}, {}, {}) for place in range(len(tenants))]
    return judge(list(zip(tenants, known, strict=True)), strangers, time.time())
