"""Logs and traces: JSON lines with install and event key, never field values; Sentry when it is configured."""

from __future__ import annotations

import contextlib
import logging
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from importlib.metadata import version
from typing import Any

import sentry_sdk
import structlog
from sentry_sdk.integrations.flask import FlaskIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.integrations.rq import RqIntegration
from sentry_sdk.integrations.sqlalchemy import SqlalchemyIntegration

from connector import scrubbing
from connector.errors import Exhausted, Ignored, Later, Next, Refused, Revoked
from connector.settings import Settings

FLUSH_SECONDS = 2.0
"""How long a finished job waits to hand its trace to Sentry."""
RQ_META = "_sentry_trace_headers"
"""Where Sentry's integration for RQ looks for the headers of a trace in the `meta` of a job."""
_TRACE = re.compile(r"^([0-9a-f]{32})-[0-9a-f]{16}(-[01])?$")
_TRACEBACK = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
_OURS = frozenset(each.__name__ for each in (Exhausted, Ignored, Later, Refused, Revoked))
"""Exceptions that speak in sentences without field values; a library's may quote them."""
_TRACEBACK_BEGINS = "Traceback (most recent call last)"
_QUIET = ("werkzeug", "urllib3", "simple_salesforce", "rq.worker", "rq.scheduler", "alembic.runtime.migration")


def start(settings: Settings, *, process: str) -> None:
    """Set up logs and Sentry for this process (web, worker, listener, clock, cli). Safe to call again after a fork."""
    configure_logs(settings.log_level, process=process)
    dsn = settings.sentry_dsn.get_secret_value() if settings.sentry_dsn else None
    sentry_sdk.init(
        dsn=dsn or None,
        environment=settings.sentry_environment,
        release=settings.sentry_release or f"switchyard@{version('switchyard')}",
        # Machine names are no business of a service outside.
        server_name="",
        traces_sample_rate=settings.sentry_traces_sample_rate if dsn else None,
        integrations=[
            FlaskIntegration(),
            RqIntegration(),
            SqlalchemyIntegration(),
            # Faults are handed over by `report`, once. A log line stays here: it may quote what a library said.
            LoggingIntegration(level=None, event_level=None),
        ],
        # Nobody keeps traces without a DSN, and watching each statement for one was a fifteenth of a drain.
        disabled_integrations=[] if dsn else [SqlalchemyIntegration()],
        # What a customer's fields hold must not leave with an error: no locals, no bodies, no addresses.
        include_local_variables=False,
        max_request_body_size="never",
        # Our trace ids are no business of the CRM's: nothing is added to calls that leave the house.
        trace_propagation_targets=[],
        before_send=_scrubbed,
        before_breadcrumb=_scrubbed_crumb,
        before_send_transaction=_scrubbed,
    )
    sentry_sdk.set_tag("process", process)


def configure_logs(level: str, *, process: str) -> None:
    """Write every log line as one JSON object on standard error, those of the libraries included."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
    )
    handler = logging.StreamHandler(sys.stderr)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, _cut_traceback],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.ExceptionRenderer(_exception),
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
    )
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(process=process)


def traceparent() -> str:
    """Return the sentry-trace header of what runs now; it travels with a letter to the job that answers it."""
    return sentry_sdk.get_traceparent() or ""


def trace_id(header: str) -> str:
    """Return the 32 hex digits of a sentry-trace header, or an empty string."""
    found = _TRACE.match(header)
    return found.group(1) if found else ""


@contextlib.contextmanager
def continued(header: str, *, op: str, name: str, **tags: str) -> Iterator[None]:
    """Run as a transaction that continues the trace in `header` (or starts one), tagged for support."""
    transaction = sentry_sdk.continue_trace({"sentry-trace": header} if header else {}, op=op, name=name)
    with (
        sentry_sdk.start_transaction(transaction),
        structlog.contextvars.bound_contextvars(trace=transaction.trace_id, **tags),
    ):
        for key, value in tags.items():
            sentry_sdk.set_tag(key, value)
        yield


@contextlib.contextmanager
def handed_on() -> Iterator[dict[str, Any]]:
    """Give the `meta` by which an RQ job goes on with this trace; empty when none runs.

    Sentry's library would write it by itself, with its baggage, in which the key of SENTRY_DSN stands; Redis is told no
    secret, so within the block the library finds no trace.
    """
    here = sentry_sdk.get_current_span()
    with sentry_sdk.new_scope() as scope:
        scope.span = None
        yield {RQ_META: {"sentry-trace": here.to_traceparent()}} if here else {}


def refer(traces: Iterable[str], *, name: str, **tags: str) -> None:
    """Leave a pointer in each of these traces to the one that runs now: a batch answers letters of many traces."""
    if not sentry_sdk.get_client().is_active():
        return
    here = trace_id(traceparent())
    for header in traces:
        with continued(header, op="queue.process", name=name, run=here, **tags):
            pass


def apart() -> AbstractContextManager[object]:
    """Keep what a job says of itself (tags, breadcrumbs) to that job: the next one of this process is another's."""
    return sentry_sdk.isolation_scope()


def tag(**tags: str) -> None:
    """Say what the transaction that runs now is about; see scrubbing.TAGS for what may be said."""
    for name, value in tags.items():
        sentry_sdk.set_tag(name, value)


def report(error: BaseException) -> None:
    """Send a fault of ours to Sentry; what a CRM asks for or refuses is none, and stands in the console."""
    if not isinstance(error, Next):
        sentry_sdk.capture_exception(error)


def flush() -> None:
    """Hand over what is buffered, before a process ends."""
    sentry_sdk.flush(timeout=FLUSH_SECONDS)


def _exception(exc_info: Any) -> Any:
    """Render an exception for the log: where and of what kind; what it says only if it is one of our sentences."""
    return [_quiet(each) for each in _TRACEBACK(exc_info)]


def _quiet(rendered: dict[str, Any]) -> dict[str, Any]:
    """Drop what one exception of a chain says, and those of a group within it."""
    kept = {name: rendered[name] for name in ("exc_type", "is_cause", "is_group", "frames")}
    kept["exc_value"] = rendered["exc_value"] if rendered["exc_type"] in _OURS else ""
    kept["exceptions"] = [[_quiet(each) for each in chain] for chain in rendered["exceptions"]]
    return kept


def _cut_traceback(_logger: Any, _method: str, line: Any) -> Any:
    """Cut off a traceback that a library wrote into its message (RQ does): its last line quotes the exception."""
    line["event"] = str(line["event"]).partition(_TRACEBACK_BEGINS)[0].rstrip()
    return line


def _scrubbed(event: Any, _hint: Any) -> Any:
    return scrubbing.event(event)


def _scrubbed_crumb(crumb: Any, _hint: Any) -> Any:
    return scrubbing.breadcrumb(crumb)
