"""Leave for support: an admin lets the people who run Switchyard look at one install for some hours, and they come in.

They come in by a code that is typed in a form and serves once. They change nothing, whatever they ask for.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta

from connector.desk import log
from connector.desk.faults import Unusable
from connector.services import Services
from connector.store import installs, leaves
from connector.store.installs import Install
from connector.store.leaves import Leave

HOURS = (1, 2, 4, 8, 12)
"""How long a leave may last: no session here is longer. Who needs more is given another."""
LONGEST_NAME = 80
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No I, L, O and U: read aloud and typed, they are taken for others."""
GROUPS, GROUP = 5, 5
_LOOKALIKES = str.maketrans("ILO", "110")


@dataclass(frozen=True, slots=True)
class Made:
    """A new leave. `code` is known now and never again."""

    leave_id: str
    code: str


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody from support is in: at which install, by which leave, and the epoch of their session."""

    install: Install
    leave: Leave
    epoch: str
    name: str


def make(services: Services, install: Install, *, hours: int, by: str) -> Made:
    """Give leave for some hours from now on. Raises Unusable."""
    if hours not in HOURS:
        raise Unusable("Choose for how many hours support may look.", field="hours")
    groups = ("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))
    code, now = "-".join(groups), services.clock()
    with services.database.write() as connection:
        until = now + timedelta(hours=hours)
        made = leaves.make(connection, install.id, code=_plain(code), by=by, now=now, until=until)
    log.note(services, install, by=by, did="leave given", about=str(hours))
    return Made(made, code)


def listed(services: Services, install: Install) -> tuple[Leave, ...]:
    """Return the leaves that were given, the newest first; those that are over stay for some days."""
    with services.database.read() as connection:
        return tuple(leaves.every(connection, install.id, services.seal(install)))


def end(services: Services, install: Install, leave_id: str, *, by: str) -> bool:
    """End a leave and the session it opened, from this moment on; False when it was over."""
    with services.database.write() as connection:
        done = leaves.end(connection, install.id, leave_id, now=services.clock())
    if done:
        log.note(services, install, by=by, did="leave ended")
    return done


def enter(services: Services, code: str, *, name: str) -> Entered:
    """Come in by a code, and say who you are. Raises Unusable, with one sentence for every code that does not serve."""
    name, now = " ".join(name.split()), services.clock()
    if not 0 < len(name) <= LONGEST_NAME:
        raise Unusable("Say who you are, in 1 to %(most)s characters.", field="name", most=LONGEST_NAME)
    with services.database.write() as connection:
        install = installs.by_id(connection, leaves.install_of(connection, _plain(code), now=now))
        found = install and leaves.enter(
            connection, install.id, services.seal(install), _plain(code), name=name, now=now
        )
    if not install or not found:
        raise Unusable("This code opens nothing: it was used, is over, or was mistyped.", field="code")
    leave, epoch = found
    log.note(services, install, by=f"{log.SUPPORT}{leave.id}", did="support came", about=name)
    return Entered(install, leave, epoch, name)


def stays(services: Services, install_id: str, leave_id: str, epoch: str) -> bool:
    """Whether a session of support may look at this install now."""
    with services.database.read() as connection:
        return leaves.stays(connection, install_id, leave_id, epoch, now=services.clock())


def _plain(code: str) -> str:
    """Return a code as it is kept, however it was typed."""
    return re.sub(r"[^0-9A-Z]", "", code.upper()[:200]).translate(_LOOKALIKES)
