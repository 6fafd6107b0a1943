"""Sign-ins of sales reps: users of a connected org or portal who do not administer it.

Each install keeps the epoch of a rep's sessions in a sealed memo, for as long as their latest sign-in counts: a session
names its epoch, and a new one ends every copy of it. With the install the memo goes, and no session is left.
"""

from __future__ import annotations

import hmac
import secrets

from connector.store.installs import ADMIN_FOR, EPOCH_BYTES
from connector.store.memos import StoredMemo


def enter(memo: StoredMemo, user_id: str) -> str:
    """The CRM has just said who this is: let them in (`user_id` owns leads); return the epoch of their sessions."""
    known = memo.get(_name(user_id))
    epoch = str(known) if known else secrets.token_hex(EPOCH_BYTES)
    memo.put(_name(user_id), epoch, seconds=ADMIN_FOR.total_seconds())
    return epoch


def stays(memo: StoredMemo, user_id: str, epoch: str) -> bool:
    """Whether a session of this epoch still counts."""
    known = memo.get(_name(user_id))
    return bool(known) and hmac.compare_digest(str(known).encode(), epoch.encode())


def leave(memo: StoredMemo, user_id: str, epoch: str) -> None:
    """End every session of this epoch. Another epoch than theirs ends nothing."""
    if stays(memo, user_id, epoch):
        memo.forget(_name(user_id))


def end(memo: StoredMemo, user_id: str) -> None:
    """End every session of somebody, whatever its epoch: what they may do has changed."""
    memo.forget(_name(user_id))


def _name(user_id: str) -> str:
    return f"rep:{user_id}"
