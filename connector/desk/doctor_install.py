"""What `switchyard doctor` looks at in one install; what stands in our database is read as the health page reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from connector.desk import checks, health
from connector.desk.findings import Finding, State
from connector.desk.health import Health, kind_of
from connector.errors import Later, Next, Revoked
from connector.services import Services
from connector.store import erasures
from connector.store.installs import Install
from connector.store.seal import Unreadable

LATE, TOO_LATE = timedelta(minutes=2), timedelta(minutes=10)
"""How long the oldest change that could be decided may wait before it is told, and before it is a problem."""
FORGET = timedelta(minutes=1)
"""How soon a person is forgotten here, as docs/security.md promises."""
SHARE = 0.8
"""Of our calls: from here on what can wait rests."""


def examine(services: Services, install: Install) -> list[Finding]:
    """Look at one install: its grant, what it may, what comes in, waits and stands still, its rules and its index."""
    if install.status != "active":
        hint = (
            "Ask its admin to connect again."
            if install.status == "revoked"
            else "Its admin ends the pause in the console."
        )
        state: State = "problem" if install.status == "revoked" else "warning"
        found = [
            _line("grant", state, f"It is {install.status}: {install.reason or 'no reason was noted'}", hint, "Revoked")
        ]
    else:
        found = []
    try:
        read = health.read(services, install)
    except Unreadable:
        hint = "Put the key that was taken out of ENCRYPTION_KEYS back, behind the others."
        found.append(_line("key", "problem", "No key of ENCRYPTION_KEYS opens its data.", hint, "Keys"))
        return _of(install, found)
    if install.status == "active":
        found += _crm(services, install)
    found += [
        *_coming(read),
        *_waiting(read),
        *_forgetting(services, install),
        *_budget(read),
        *_rules(read),
        *_index(read),
    ]
    return _of(install, found)


def _of(install: Install, found: list[Finding]) -> list[Finding]:
    return [Finding(each.part, each.state, each.text, each.remedy, each.section, install.id) for each in found]


def _line(part: str, state: State, text: str, remedy: str = "", section: str = "") -> Finding:
    return Finding(part, state, text, remedy, section)


def _crm(services: Services, install: Install) -> Iterator[Finding]:
    """Ask the CRM once with its token: whether it lets us in, and what it lacks of what we need."""
    try:
        asked = checks.check(services, install)
    except Revoked as error:
        yield _line("grant", "problem", str(error), "Ask its admin to connect again.", "Revoked")
        return
    except Later as error:
        yield _line("grant", "warning", str(error), "Nothing: it is asked again by itself.", "Lag")
        return
    except Next as error:
        yield _line("grant", "problem", str(error), "Its admin must mend that; then try again.", "Parked")
        return
    yield _line("grant", "ok", "The CRM answers with its token.")
    for each in asked.lines:
        if not each.ok:
            state: State = "warning" if each.optional else "problem"
            yield _line("rights", state, f"{each.name}: {each.detail} {each.without}".strip(), each.remedy, "Rights")
    missing = sum(not each.ok for each in asked.lines)
    yield _line("rights", "ok", f"{len(asked.lines) - missing} of {len(asked.lines)} things that we need are there.")


def _coming(read: Health) -> Iterator[Finding]:
    """Whether changes come in, and when the last one did."""
    last = max(filter(None, (read.arrivals.latest, read.arrivals.decided)), default=None)
    said = f"The last change came {_ago(last, read.at)}."
    if read.install.crm == "hubspot":
        yield _line("webhooks", "ok", said)
        return
    stream = read.stream
    if stream is None:
        yield _line("stream", "warning", "It was never opened.", "See that a listener is at work.", "StreamsBroken")
    elif stream.standing == "live":
        yield _line("stream", "ok", f"Live since {stream.since:%Y-%m-%d %H:%M}. {said}")
    else:
        state: State = "problem" if stream.standing == "broken" else "warning"
        hint = "Its page in the console says what to click; meanwhile changes are asked for."
        yield _line("stream", state, f"{stream.standing.capitalize()}: {stream.reason} {said}", hint, "StreamsBroken")


def _waiting(read: Health) -> Iterator[Finding]:
    oldest = read.arrivals.oldest
    age = read.at - oldest if oldest else timedelta()
    text = f"{read.inbox['waiting']} changes wait" + (
        f", the oldest since {oldest:%Y-%m-%d %H:%M:%S}." if oldest else "."
    )
    if read.quiet is not None:
        hint = f"Nothing before {read.quiet.until:%H:%M} UTC: the CRM asked for quiet ({kind_of(read.quiet.reason)})."
        yield _line("inbox", "warning", text, hint, "Lag")
    elif age > LATE:
        state: State = "problem" if age > TOO_LATE else "warning"
        yield _line("inbox", state, text, "See that workers are at work, and what they log of this install.", "Lag")
    else:
        yield _line("inbox", "ok", text)
    parked = read.inbox["parked"] + read.unsettled["parked"]
    if parked:
        kinds = Counter({kind_of(each.reason): each.count for each in read.troubles if each.state == "parked"})
        why = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common()) or "for longer than a week"
        hint = "Its Health page names each with its reason; mend that, then try again."
        yield _line("parked", "warning", f"{parked} things stand still: {why}.", hint, "Parked")
    else:
        yield _line("parked", "ok", "Nothing stands still.")
    for work in read.work:
        if work.state == "failed":
            hint = "Its page names the reason and starts it again where it stopped."
            yield _line("work", "problem", f"{work.name} stopped: {kind_of(work.reason)}.", hint, "WorkFailed")


def _forgetting(services: Services, install: Install) -> Iterator[Finding]:
    """Whether people wait to be forgotten for longer than we promise; who they are is not told."""
    with services.database.read() as connection:
        waiting = erasures.waiting(connection, install.id)
    late = [each for each in waiting if services.clock() - each.asked_at > FORGET]
    if late:
        here = sum(each.stage == "here" for each in late)
        text = f"{len(late)} people wait to be forgotten ({here} here, {len(late) - here} in the CRM)."
        hint = "See that a clock is at work; what the CRM refuses stands in the log and is tried again."
        state: State = "problem" if here else "warning"
        yield _line("privacy", state, text, hint, "Forgetting" if here else "ForgettingInCrm")
    else:
        yield _line("privacy", "ok", "Nobody waits to be forgotten.")


def _budget(read: Health) -> Iterator[Finding]:
    used, granted = read.spending.used, read.spending.granted
    if granted is None:
        yield _line("API calls", "ok", f"{used} in 24 hours; the CRM tells no limit.")
        return
    text = f"{used} in 24 hours of {granted} that we may make, {max(0, granted - used)} left."
    if used >= SHARE * granted:
        hint = "Catching up rests by itself; lower what is asked for, or raise SALESFORCE_API_SHARE."
        yield _line("API calls", "problem" if used >= granted else "warning", text, hint, "BudgetRunsOut")
    else:
        yield _line("API calls", "ok", text)


def _rules(read: Health) -> Iterator[Finding]:
    if read.rules.fault:
        text = f"Version {read.rules.version or 'none'} is live; newer text is not valid."
        yield _line("rules", "warning", text, "The Rules page names line and remedy.", "Rules")
    elif not read.rules.version:
        yield _line(
            "rules", "warning", "None are live: leads stay as they are.", "Publish some on the Rules page.", "Rules"
        )
    else:
        yield _line("rules", "ok", f"Version {read.rules.version} is live, read {_ago(read.rules.read_at, read.at)}.")


def _index(read: Health) -> Iterator[Finding]:
    text = ", ".join(f"{count} {kind}s" for kind, count in read.index.items())
    if read.read_at is None:
        hint = "Start reading everything on the Backfill page, and see that a worker is at work."
        yield _line("index", "warning", "It was never read.", hint, "Index")
    else:
        yield _line("index", "ok", f"{text}; read as a whole {_ago(read.read_at, read.at)}.")


def _ago(moment: datetime | None, now: datetime) -> str:
    return (
        "never"
        if moment is None
        else f"at {moment:%Y-%m-%d %H:%M:%S} UTC ({round((now - moment) / timedelta(minutes=1))} min ago)"
    )
