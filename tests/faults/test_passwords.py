"""The canary of addresses: the passwords in DATABASE_URL and REDIS_URL and the key in Sentry's stand nowhere.

Both servers want their password here. First all goes well, then both refuse the password, then both are away: it is the
errors of connections that tell of addresses.
"""

from __future__ import annotations

import subprocess
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
import redis
from click.testing import CliRunner
from rq import Queue
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from connector import embedded, telemetry
from connector.app import create_app
from connector.cli import main
from connector.commands import working as working_cli
from connector.embedded import valkey_command, wait_for_redis
from connector.services import Services
from connector.settings import load
from connector.store import migrate
from connector.store.schema import metadata
from jobs import clock
from jobs.queues import QUEUE
from tests import postgres
from tests.connector.test_settings import WHOLE
from tests.connector.web.kit import browser
from tests.connector.web.test_exposure import process
from tests.contract.hubspot_place import HubSpotPlace
from tests.faults.shop import Shop
from tests.faults.test_leaks import Here, Scene, crash_a_worker, events, visit
from tests.local.world import CrmName, World
from tests.security import hunting

__all__ = ["events", "process"]

DATABASE, REDIS, SENTRY = "Tezcatlipoca@7/ &%", "Huehuecoyotl:3#?+", "0123456789abcdef0123456789abcdef"
SECRETS = (DATABASE, "tezcatlipoca", REDIS, "huehuecoyotl", SENTRY)
COMMANDS = ("check", "doctor", "installs", "migrate", "clock", "listener", "worker")


@dataclass
class Servers:
    """A PostgreSQL and a Valkey that let nobody in without a password."""

    database: postgres.Postgres
    redis: subprocess.Popen[bytes]
    socket: Path

    def addresses(self, wrong: str = "") -> dict[str, str]:
        """What an operator sets; `wrong` stands behind both passwords."""
        user = f"switchyard:{quote(DATABASE + wrong, safe='')}"
        return {
            "DATABASE_URL": f"postgresql://{user}@/canary?host={self.database.socket}",
            "REDIS_URL": f"unix://:{quote(REDIS + wrong, safe='')}@{self.socket}",
        }

    def stop(self) -> None:
        self.database.stop()
        self.redis.terminate()
        self.redis.wait(60)


@pytest.fixture
def servers() -> Iterator[Servers]:
    """Both servers, for one test alone, as it stops them; in a folder whose path is short."""
    with postgres.running() as database, tempfile.TemporaryDirectory(prefix="sy-") as name:
        lock(database)
        made = load(WHOLE | {"DATA_DIR": name, "REDIS_URL": ""})
        command = [*valkey_command(made), "--requirepass", REDIS]
        found = Servers(database, subprocess.Popen(command, stdout=subprocess.DEVNULL), Path(name) / "valkey.sock")
        try:
            wait_for_redis(load(WHOLE | found.addresses()))
            yield found
        finally:
            found.stop()


def lock(server: postgres.Postgres) -> None:
    """Make a database and somebody who gets in by a password."""
    hba = server.socket / "data" / "pg_hba.conf"
    hba.write_text(f"local all switchyard scram-sha-256\n{hba.read_text(encoding='utf-8')}", encoding="utf-8")
    with psycopg.connect(f"host={server.socket} user=postgres dbname=postgres", autocommit=True) as connection:
        connection.execute(psycopg.sql.SQL("CREATE ROLE switchyard LOGIN PASSWORD {}").format(DATABASE))
        connection.execute("CREATE DATABASE canary OWNER switchyard")
        connection.execute("SELECT pg_reload_conf()")


@pytest.mark.threat("T23")
def test_no_password_of_an_address_is_found_anywhere_whatever_is_away(
    world: World,
    prepared: Callable[[CrmName], tuple[HubSpotPlace, Path]],
    servers: Servers,
    *,
    events: list[bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data, place = tmp_path / "data", prepared("hubspot")[0]
    more = {"SENTRY_DSN": f"https://{SENTRY}@sentry.example/1", "SENTRY_TRACES_SAMPLE_RATE": "1", "LOG_LEVEL": "DEBUG"}
    impatient(monkeypatch)
    with closing(Shop(world.settings(data, **servers.addresses(), **more), place, "hubspot")) as shop:
        scene = Scene(shop, create_app(shop), events)
        telemetry.start(shop.settings, process="x")
        route(shop)
        visit(scene, monkeypatch)
        ring_in_a_trace(scene, monkeypatch)
        crash_a_worker(shop, monkeypatch)
        kept = hunting.kept_in(shop.redis) | rows(shop)
        said = shown(shop)
        said |= commands("wrong", world.variables(data, **servers.addresses(wrong="x"), **more))
        servers.stop()
        said |= commands("away", world.variables(data, **servers.addresses(), **more))
        telemetry.start(shop.settings, process="x")
        said |= gone_wrong(scene)
    telemetry.flush()
    places = {
        **kept,
        **{name: text.encode() for name, text in said.items()},
        **{f"sentry {number}": each for number, each in enumerate(scene.events)},
        **{f"answer {number}": each for number, each in enumerate(scene.told)},
        **hunting.files(data, servers.socket.parent),
        "log": capsys.readouterr().err.encode(),
        "addresses": "\n".join(f"{call['path']}?{call['query']}" for call in place.control.get("calls")).encode(),
    }
    wrong, away = ({each: said[f"{when} {each}"] for each in COMMANDS} for when in ("wrong", "away"))
    for told, words in ((wrong, ("password authentication failed", "AuthenticationError")), (away, ("No such file",))):
        assert [word for word in words if not any(word in each for each in told.values())] == [], told
    assert {"fault drain", "fault store", "fault work", "fault count"} <= places.keys()
    assert len(places["log"].splitlines()) > 20
    assert "sentry-trace" in str(kept), "the job that was rung for in a trace"
    assert {name.split()[0] for name in places} >= {"sentry", "answer", "redis", "row", "shown", "log", "addresses"}
    assert hunting.found(SECRETS, places) == []


def impatient(patch: pytest.MonkeyPatch) -> None:
    """Have what would wait for a server, or work for ever, end soon."""

    def told() -> threading.Event:
        stop = threading.Event()
        threading.Timer(0.3, stop.set).start()
        return stop

    patch.setattr(embedded, "wait_for_redis", partial(wait_for_redis, seconds=0.0))
    patch.setattr(working_cli, "_until_told", told)


def route(shop: Shop) -> None:
    """Route a lead from the first table on."""
    migrate.upgrade(shop.database)
    shop.connect()
    shop.drain()
    (lead_id,) = shop.leads(1)
    shop.drain()
    # What is parked is what tests before this one left in the audits of the portal, which was read back.
    assert shop.landed(lead_id).owner_id == shop.place.ana.id


def ring_in_a_trace(scene: Scene, patch: pytest.MonkeyPatch) -> None:
    """Ring as a webhook does, within a trace, in which the job then goes on."""
    shop = scene.shop
    with telemetry.continued("", op="test", name="test"):
        trace = telemetry.trace_id(telemetry.traceparent())
        Services.ring(shop, shop.install.id)
    with patch.context() as patched:
        patched.setattr("connector.services.drain", lambda _install_id: None)
        queue = Queue(QUEUE, connection=shop.redis, serializer="rq.serializers.JSONSerializer")
        Here([queue], connection=shop.redis, serializer="rq.serializers.JSONSerializer").work(burst=True)
    shop.doorbell.opened(shop.install.id)
    telemetry.flush()
    assert [each for each in scene.events if b"queue.task.rq" in each and trace.encode() in each]


def rows(shop: Shop) -> dict[str, bytes]:
    """Every row of every table."""
    with shop.database.read() as connection:
        return {
            f"row {number} of {table.name}": hunting.raw(tuple(row))
            for table in metadata.sorted_tables
            for number, row in enumerate(connection.execute(select(table)).all())
        }


def shown(shop: Shop) -> dict[str, str]:
    """What a debugger or a traceback would show of things that know an address."""
    things = (shop, shop.settings, shop.database.engine, shop.database.engine.pool, shop.redis, shop.doorbell)
    return {f"shown {number}": f"{each!r} {each}" for number, each in enumerate(things)}


def commands(when: str, environment: dict[str, str]) -> dict[str, str]:
    """Run commands; return all that each says, on lines that break no word, with the traceback it ends with."""
    said = {}
    for name in COMMANDS:
        result = CliRunner().invoke(main, [name], env={**environment, "COLUMNS": "500"})
        ended = traceback.format_exception(*result.exc_info) if result.exc_info else []
        said[f"{when} {name}"] = "".join([result.output, *ended])
    return said


def gone_wrong(scene: Scene) -> dict[str, str]:
    """Do what processes do that ran before their servers went away; return the tracebacks."""
    shop, person = scene.shop, browser(scene.app)
    scene.app.config["PROPAGATE_EXCEPTIONS"] = False
    for path in ("/health/ready", "/api/v1/status", "/oauth/hubspot/callback?code=x&state=x", "/metrics"):
        scene.ask(person, "GET", path, headers={"Authorization": "Bearer sy_x"})
    queue = Queue(QUEUE, connection=shop.redis, serializer="rq.serializers.JSONSerializer")
    clock._each(shop.tools, clock.sweep, clock.clean)
    faults = {}
    for name, act in {
        "drain": shop.drain,
        "ring": lambda: Services.ring(shop, "x"),
        "store": lambda: shop.post(["1"]),
        "work": lambda: Here([queue], connection=shop.redis).work(burst=True),
        "count": shop.doorbell.waiting,
    }.items():
        try:
            act()
        except (SQLAlchemyError, redis.RedisError):
            faults[f"fault {name}"] = traceback.format_exc()
    return faults
