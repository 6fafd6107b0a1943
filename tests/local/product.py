"""The product as its users run it: connected by OAuth, rules pushed by the command line, switched on in the console."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from connector.store import installs, letters, migrate, progress, rulesets, unfinished
from connector.store.base import Database
from connector.store.installs import Install
from connector.store.progress import Progress
from connector.store.seal import KeyRing
from rules.ruleset import Source, load, split
from tests.local.forks import Forked
from tests.local.person import Person
from tests.local.processes import Process, end, spawn, until
from tests.local.world import CrmName, World
from tests.sandbox.hubspot.hub import DEFAULT_PORTAL
from tests.sandbox.seed.fill import Plan, fill
from tests.sandbox.seed.targets import Hubspot, Salesforce

OK = 200
START_SECONDS = 60.0
SETUP_SECONDS = 180.0
RULES_SECONDS = 60.0
PROCESSES = ("valkey", "web", "listener", "clock", "worker")


@dataclass
class Product:
    """A product over a world: its data folder and extra settings; `store` reads its database from outside."""

    world: World
    data: Path
    settings: dict[str, str] = field(default_factory=dict)
    processes: dict[str, Process] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        """Where all processes write."""
        return self.world.directory / "switchyard.log"

    def start(self, *names: str) -> None:
        """Start processes of the Procfile by name (and ``valkey``, or ``up`` for all under one supervisor)."""
        environment = self.world.environment(self.data, **self.settings)
        self.data.mkdir(parents=True, exist_ok=True)
        if "up" not in names:
            with self.store() as database:
                migrate.upgrade(database)
        for name in names:
            begin = spawn if name == "up" else Forked
            self.processes[name] = begin("-m", "connector.cli", name, environment=environment, log=self.log)

    def settings_file(self) -> Path:
        """Write the settings for a shell, for whoever runs commands beside the processes; only we may read it."""
        path = self.world.directory / "settings.sh"
        path.touch(mode=0o600)
        told = self.world.variables(self.data.resolve(), **self.settings)
        path.write_text(
            "".join(f"export {name}={shlex.quote(value)}\n" for name, value in told.items()), encoding="utf-8"
        )
        return path

    def command(self, *arguments: str) -> None:
        """Run ``switchyard arguments...``. Raises LookupError with what it said."""
        log = self.world.directory / "command.log"
        environment = self.world.environment(self.data, **self.settings)
        process = Forked("-m", "connector.cli", *arguments, environment=environment, log=log)
        if process.wait(60) != 0:
            raise LookupError(f"switchyard {arguments[0]} failed: {log.read_text(encoding='utf-8')[-2000:]}")

    def wait_until_ready(self, person: Person) -> None:
        """Wait until the web process, the database and Redis answer."""

        def ready() -> bool:
            ended = [name for name, process in self.processes.items() if process.poll() is not None]
            if ended:
                raise LookupError(f"ended while starting: {', '.join(ended)}; see {self.log}")
            with contextlib.suppress(OSError):
                return person.open("/health/ready").status == OK
            return False

        until(ready, seconds=START_SECONDS, what="Switchyard ready")

    def stop(self) -> None:
        """Stop every process, Valkey last."""
        for name in sorted(self.processes, key=lambda name: name == "valkey"):
            end(self.processes[name])
        self.processes.clear()

    @contextlib.contextmanager
    def store(self) -> Iterator[Database]:
        """Open the product's database."""
        database = Database(self.world.settings(self.data, **self.settings).database)
        try:
            yield database
        finally:
            database.close()

    def fill(self, accounts: int, say: Callable[[str], None] = lambda _line: None) -> None:
        """Fill both CRMs with companies, people, reps and queues."""
        ready = self.world.salesforce.ready
        plan = Plan(accounts=accounts, total=accounts)
        for target in (
            Salesforce(ready["url"], Path(ready["ca"])),
            Hubspot(self.world.hubspot.ready["url"], DEFAULT_PORTAL),
        ):
            counts = fill(target, plan)
            said = ", ".join(f"{number} {name}" for name, number in counts.items() if number)
            say(f"{target.name}: {said}")

    def connect(self, person: Person, crm: CrmName, say: Callable[[str], None] = lambda _line: None) -> Install:
        """Connect a CRM through its own OAuth pages and wait until it is set up and indexed."""
        page = person.connect(crm)
        if page.status != OK:
            raise LookupError(f"connecting {crm} ended on {page.url} ({page.status}): {page.text[:400]}")
        with self.store() as database:

            def done() -> list[Progress] | None:
                work = _work(database, crm)
                if failed := [each for each in work if each.state == "failed"]:
                    raise LookupError(f"{crm}: {failed[0].name} failed: {failed[0].reason}")
                return work if len(work) > 1 and all(each.state == "done" for each in work) else None

            work = until(done, seconds=SETUP_SECONDS, what=f"{crm} set up and indexed")
            with database.read() as connection:
                install = next(each for each in installs.every(connection) if each.crm == crm)
        said = ", ".join(f"{each.done} {each.name.split(':')[1]}s" for each in work if ":" in each.name and each.done)
        say(f"{install.name}: set up; indexed {said}")
        return install

    def push_rules(self, install: Install, file: Path) -> None:
        """Push a rule set with the command line, as an admin would from git, and wait until it is live."""
        self.command("rules", "push", str(file), "--install", install.id, "--yes")
        items = split(file.read_text(encoding="utf-8"))
        wanted = load([Source(item.name, item.text) for item in items]).version
        with self.store() as database:

            def live() -> bool:
                seal = KeyRing(self.world.keys).seal(install.key)
                with database.read() as connection:
                    found = rulesets.get(connection, install.id, seal)
                if found is not None and found.fault:
                    raise LookupError(f"the rules were refused: {found.fault}")
                return found is not None and found.version == wanted

            until(live, seconds=RULES_SECONDS, what=f"rules of {file.name} live in {install.name}")

    def act(self, person: Person, install: Install) -> None:
        """Switch an install to `act` in the console."""
        page = person.open(f"/installs/{install.id}/settings")
        changed = person.submit(page, "/settings/mode", mode="act", understood="yes")
        if changed.status != OK:
            raise LookupError(f"the mode was not changed ({changed.status}): {changed.text[:300]}")

    def wait_until_idle(self, install: Install, *, seconds: float = SETUP_SECONDS) -> None:
        """Wait until an install has no letter and no unfinished decision left."""
        with self.store() as database:

            def idle() -> bool:
                with database.read() as connection:
                    waiting = letters.counts(connection, install.id)["waiting"]
                    return not waiting and not unfinished.leads(connection, install.id)

            until(idle, seconds=seconds, what=f"{install.name} idle")

    def version(self, install: Install) -> str:
        """Return the version of the rule set in force."""
        with self.store() as database, database.read() as connection:
            found = rulesets.get(connection, install.id, KeyRing(self.world.keys).seal(install.key))
        return found.version if found else ""

    def waiting(self, install: Install) -> int:
        """Return how many letters of an install wait."""
        with self.store() as database, database.read() as connection:
            return letters.counts(connection, install.id)["waiting"]


def _work(database: Database, crm: str) -> list[Progress]:
    with database.read() as connection:
        mine = [each for each in installs.every(connection) if each.crm == crm]
        return progress.of(connection, mine[0].id) if mine else []
