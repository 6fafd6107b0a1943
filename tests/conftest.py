"""For all tests: quiet logs, a PostgreSQL server, and a store that is once on SQLite and once on PostgreSQL."""

from __future__ import annotations

import contextlib
import gc
import importlib
import logging
import os
import shutil
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any, NoReturn

import hypothesis
import pytest
import structlog
from sqlalchemy import delete, event

from connector.store import books, installs, leases, migrate
from connector.store.base import Database
from tests import apps, distribution, engines
from tests.postgres import Postgres, running

# What was loaded for the tests stays until they end: looking for garbage in it was a third of loading them.
gc.set_threshold(100_000, 20, 50)
# A slow moment of a busy machine is no fault of the code.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")


HERE = Path(__file__).parent
SERVER = pytest.StashKey[Postgres]()
"""The PostgreSQL that all workers of a run share."""


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Start one PostgreSQL before the first worker; it ends after the last one."""
    config: pytest.Config = node.config
    if SERVER not in config.stash:
        stack = contextlib.ExitStack()
        config.stash[SERVER] = stack.enter_context(running())
        config.add_cleanup(stack.close)
    node.workerinput["postgres"] = str(config.stash[SERVER].socket)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> distribution.Shared | None:
    """Share whole files among the workers so that few tests wait side by side; other ways to share are xdist's own."""
    return distribution.Shared(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Load the test files of a whole run, each worker from another place on: each compiles a share of them for all.

    In a fresh clone no byte code is there yet, and compiling every assertion takes longer than any test.
    """
    given: dict[str, Any] = getattr(session.config, "workerinput", {})
    if not given or session.config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return
    files = sorted(HERE.rglob("test_*.py"))
    first = len(files) * int(given["workerid"].removeprefix("gw")) // given["workercount"]
    for file in files[first:] + files[:first]:
        # What cannot be loaded is told of when it is collected.
        with contextlib.suppress(Exception, pytest.skip.Exception):
            importlib.import_module(".".join(file.relative_to(HERE.parent).with_suffix("").parts))


def pytest_collection_finish() -> None:
    """Spare the collector all that was made until now; looking for garbage in it first finds nearly none."""
    gc.freeze()


def _drop(_logger: Any, _name: str, _line: MutableMapping[str, Any]) -> NoReturn:
    raise structlog.DropEvent


@pytest.fixture(scope="session", autouse=True)
def quiet_logs() -> Iterator[None]:
    """Writing the tracebacks of planned errors takes longer than the tests; `capture_logs` still sees every line."""
    structlog.configure(processors=[_drop], cache_logger_on_first_use=False)
    yield
    structlog.reset_defaults()


@pytest.fixture
def heard(quiet_logs: None) -> Iterator[None]:
    """Log lines reach `capture_logs` here: what they hold is part of what is tested."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    yield
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    """Put back the umask: the command line narrows it, and here it runs inside the tests' own process."""
    before = os.umask(0o022)
    os.umask(before)
    yield
    os.umask(before)


@pytest.fixture(scope="session", autouse=True)
def builders(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is compiled for an app is compiled once a run."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if hasattr(request.config, "workerinput") else own) / "templates"
    folder.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        apps.shared(patch, folder)
        yield


@pytest.fixture(scope="session", autouse=True)
def compilers() -> Iterator[engines.Compilers]:
    """One SQL compiler for all databases of the run."""
    with pytest.MonkeyPatch.context() as patch:
        yield engines.shared(patch)


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest, compilers: engines.Compilers) -> Iterator[Postgres]:
    """One server for the whole run: that of all workers, else our own, started when the first test asks."""
    shared: str | None = getattr(request.config, "workerinput", {}).get("postgres")
    with contextlib.nullcontext(Postgres(Path(shared))) if shared else running() as server:
        compilers.learn(server.url())
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file at the newest schema, copied for each test."""
    path = tmp_path_factory.mktemp("store") / "template.sqlite"
    made = Database(f"sqlite:///{path}")
    migrate.upgrade(made)
    made.close()
    return path


@pytest.fixture(scope="session")
def postgres_store(postgres: Postgres) -> Iterator[Database]:
    """A PostgreSQL database at the newest schema, emptied before each test."""
    made = Database(postgres.create())
    migrate.upgrade(made)
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty store at the newest schema; the test runs on both databases."""
    if request.param == "postgresql":
        store: Database = request.getfixturevalue("postgres_store")
        with store.write() as connection:
            # Everything but indexes hangs on these two; emptying few rows is quicker than truncating tables.
            for table in (installs.install, leases.lease):
                connection.execute(delete(table))
            while books.clear(connection):
                pass
        yield store
        return
    path = tmp_path / "store.sqlite"
    shutil.copy(request.getfixturevalue("sqlite_template"), path)
    made = Database(f"sqlite:///{path}")
    # No test cuts the power, and waiting for the disk is most of what a small test would do.
    event.listen(made.engine, "connect", lambda opened, _record: opened.execute("PRAGMA synchronous=OFF"))
    yield made
    made.close()
