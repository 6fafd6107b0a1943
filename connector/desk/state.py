"""How an install is doing, for programs: what waits, what stands still, what long work there is; and asking again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import get_args

from connector.desk import log
from connector.services import Services
from connector.store import decisions, letters, progress, standing
from connector.store.installs import Install
from connector.store.progress import Progress
from connector.store.standing import PutOff
from jobs import policy
from jobs.policy import Quiet
from rules.model import Outcome

DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class State:
    """What is going on. `waiting` letters are not decided yet, `unfinished` decisions not carried out.

    `parked` and `parked_decisions` stand still until somebody asks for another try. `today`: decisions of the last 24
    hours by outcome. `quiet`: the CRM asked for quiet.
    """

    waiting: int
    parked: int
    unfinished: int
    parked_decisions: int
    today: Mapping[str, int]
    work: tuple[Progress, ...]
    quiet: Quiet | None
    put_off: tuple[PutOff, ...]

    @property
    def needs_you(self) -> int:
        """How many things stand still until a person asks for another try."""
        return self.parked + self.parked_decisions


def read(services: Services, install: Install) -> State:
    """Return how an install is doing; the CRM is not asked."""
    now = services.clock()
    with services.database.read() as connection:
        inbox = letters.counts(connection, install.id)
        outcomes = standing.counts(connection, install.id, since=now - DAY)
        return State(
            waiting=inbox["waiting"],
            parked=inbox["parked"],
            unfinished=outcomes.get("intended", 0),
            parked_decisions=outcomes.get("parked", 0),
            today={name: outcomes[name] for name in get_args(Outcome) if name in outcomes},
            work=tuple(progress.of(connection, install.id)),
            quiet=policy.quiet(connection, install.id, now=now),
            put_off=tuple(standing.put_off(connection, install.id, now=now)),
        )


def retry(services: Services, install: Install, *, by: str) -> int:
    """Try every parked letter and decision again; return how many there were."""
    now = services.clock()
    with services.database.write() as connection:
        count = letters.retry_parked(connection, install.id, now=now)
        count += decisions.retry_parked(connection, install.id, now=now)
    if count:
        services.ring(install.id)
        log.note(services, install, by=by, did="retry", about=str(count))
    return count


def begin_again(services: Services, install: Install, *, by: str) -> int:
    """Start long work that had failed from its beginning; return how many pieces there were."""
    with services.database.write() as connection:
        failed = [each.name for each in progress.of(connection, install.id) if each.state == "failed"]
        for name in failed:
            progress.start(connection, install.id, name, now=services.clock())
    if failed:
        services.ring(install.id)
        log.note(services, install, by=by, did="work", about=", ".join(failed))
    return len(failed)
