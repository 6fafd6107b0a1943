"""What both sandboxes share: a real server, a log of every call, and orders to misbehave.

The control plane lives under ``/_control`` of each sandbox and is spoken over HTTP, so a test in another
process (or language) can use it:

===========================  ====================================================================
``POST /_control/faults``    one order (see :class:`Fault`), or a list of them
``DELETE /_control/faults``  forget all orders
``GET /_control/calls``      every call since the last reset: ``[{method, path, query, status, at, ms}]``
``DELETE /_control/calls``   forget the calls
===========================  ====================================================================
"""

from __future__ import annotations

import contextlib
import random
import re
import socket
import ssl
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Gateway_10, Server
from flask import Flask, Response, g, jsonify, request

if TYPE_CHECKING:
    from collections.abc import Callable

CONTROL_PREFIX = "/_control"


@dataclass
class Fault:
    """An order: the next `times` calls whose ``METHOD /path?query`` matches `pattern` go wrong.

    `status` and `body` (any JSON) are the answer; without `status` the call is let through after `delay` seconds.
    `headers` are added to the answer. `drop` closes the socket without an answer: ``before`` the call is applied, or
    ``after`` (the effect happened, the caller cannot know). `skip` lets that many matching calls pass first. Of the
    matching calls only this `share` goes wrong, by chance; the others pass.
    """

    pattern: str
    times: int = 1
    status: int | None = None
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drop: str = ""
    skip: int = 0
    share: float = 1.0


@dataclass
class Call:
    """One call that the sandbox answered. `at` is Unix seconds, `ms` the time taken; `status` 0 = dropped."""

    method: str
    path: str
    query: str
    status: int
    at: float
    ms: float


class Control:
    """The orders and the call log of one sandbox; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._chance = random.Random("faults")
        self._calls: list[Call] = []

    def order(self, fault: Fault) -> None:
        """Add an order; orders are tried oldest first."""
        with self._lock:
            self._faults.append(fault)

    def forget_orders(self) -> None:
        """Drop every order that has not been used up."""
        with self._lock:
            self._faults.clear()

    def take(self, line: str) -> Fault | None:
        """Use up one turn of the first order that matches ``METHOD /path?query``."""
        with self._lock:
            for fault in self._faults:
                if re.search(fault.pattern, line):
                    if fault.skip:
                        fault.skip -= 1
                        continue
                    if self._chance.random() >= fault.share:
                        continue
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
                    return fault
        return None

    def record(self, call: Call) -> None:
        """Append to the call log."""
        with self._lock:
            self._calls.append(call)

    def calls(self) -> list[Call]:
        """Return a copy of the call log, oldest first."""
        with self._lock:
            return list(self._calls)

    def forget_calls(self) -> None:
        """Empty the call log."""
        with self._lock:
            self._calls.clear()


def attach(app: Flask, control: Control) -> None:
    """Put the control plane, the call log and the orders around every route of `app`."""

    @app.before_request
    def obey() -> Response | None:
        g.started = time.time()
        g.fault = None
        if request.path.startswith(CONTROL_PREFIX):
            return None
        line = f"{request.method} {request.full_path.rstrip('?')}"
        fault = g.fault = control.take(line)
        if fault is None:
            return None
        if fault.delay:
            time.sleep(fault.delay)
        if fault.drop == "before":
            _hang_up()
            return Response(status=500)
        if fault.status is not None:
            answer = jsonify(fault.body) if not isinstance(fault.body, str) else Response(fault.body)
            answer.status_code = fault.status
            answer.headers.update(fault.headers)
            return answer
        return None

    @app.after_request
    def log(answer: Response) -> Response:
        if request.path.startswith(CONTROL_PREFIX):
            return answer
        fault: Fault | None = g.get("fault")
        dropped = fault is not None and bool(fault.drop)
        if fault is not None and fault.drop == "after":
            _hang_up()
        elif fault is not None and fault.status is None:
            answer.headers.update(fault.headers)
        control.record(
            Call(
                request.method,
                request.path,
                request.query_string.decode("latin-1"),
                0 if dropped else answer.status_code,
                g.started,
                (time.time() - g.started) * 1000,
            )
        )
        return answer

    @app.post(f"{CONTROL_PREFIX}/faults")
    def order_faults() -> Response:
        orders = request.get_json(force=True)
        for order in orders if isinstance(orders, list) else [orders]:
            control.order(Fault(**order))
        return jsonify({"ok": True})

    @app.delete(f"{CONTROL_PREFIX}/faults")
    def forget_faults() -> Response:
        control.forget_orders()
        return jsonify({"ok": True})

    @app.get(f"{CONTROL_PREFIX}/calls")
    def list_calls() -> Response:
        return jsonify([asdict(call) for call in control.calls()])

    @app.delete(f"{CONTROL_PREFIX}/calls")
    def forget_calls() -> Response:
        control.forget_calls()
        return jsonify({"ok": True})


def _hang_up() -> None:
    """Close the caller's socket so that it gets no answer at all."""
    connection = request.environ.get("sandbox.connection")
    if connection is None:
        message = "a drop order needs the sandbox's own server (tests.sandbox.control.serve)"
        raise RuntimeError(message)
    with contextlib.suppress(OSError):
        connection.socket.shutdown(socket.SHUT_RDWR)


IDLE_CONNECTIONS = 500
"""How many clients may keep a connection open between requests: a test run opens some for each install."""


class _Gateway(Gateway_10):
    """Hands the connection to the application, so that an order can drop it."""

    def get_environ(self) -> dict[str, Any]:  # type: ignore[override]
        environ: dict[str, Any] = super().get_environ()  # type: ignore[no-untyped-call]
        environ["sandbox.connection"] = self.req.conn
        return environ


@dataclass
class Running:
    """A server that answers until `stop` is called. `port` is the bound port."""

    port: int
    stop: Callable[[], None]


LOOPBACK = "127.0.0.1"


def serve(
    app: Flask, *, host: str = LOOPBACK, port: int = 0, tls: tuple[Path, Path] | None = None, threads: int = 16
) -> Running:
    """Serve `app` on `host` in background threads; `tls` is (certificate chain, private key) in PEM files."""
    server = Server((host, port), app, numthreads=threads, request_queue_size=128)
    server.gateway = _Gateway
    # Of more idle connections than this it would close one after each answer; its own limit is 10.
    server.keep_alive_conn_limit = IDLE_CONNECTIONS
    # A dropped connection is what was ordered: it is no error.
    server.error_log = lambda *_args, **_kwargs: None  # type: ignore[method-assign]
    if tls is not None:
        adapter = BuiltinSSLAdapter(str(tls[0]), str(tls[1]))
        adapter.context.minimum_version = ssl.TLSVersion.TLSv1_2
        server.ssl_adapter = adapter
    server.prepare()
    thread = threading.Thread(target=server.serve, name=f"{app.name}-server", daemon=True)
    thread.start()

    def stop() -> None:
        server.stop()
        thread.join(timeout=5)

    return Running(port=int(server.bind_addr[1]), stop=stop)
