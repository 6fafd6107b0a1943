"""Idempotency keys: a write that is sent again is answered again and not done again.

After draft-ietf-httpapi-idempotency-key-header. Answers to what was done are kept for a day, sealed; a problem is not
kept, because nothing was done: the same key may be sent again. A secret that is told once is in no answer that is kept.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection

from flask import Response, request

from connector.api.caller import Caller
from connector.api.problems import IN_PROGRESS, REUSED, UNREADABLE, FieldError, Trouble
from connector.store import replies
from connector.store.replies import Reply

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
LONGEST = 255
BROKEN = "The header Idempotency-Key holds 1 to 255 visible ASCII characters, such as a UUID."
ASK_AGAIN = {"Retry-After": "1"}
FAILED = 400
_KEY = re.compile(rf"[!-~]{{1,{LONGEST}}}", re.ASCII)


def answered(caller: Caller, do: Callable[[], Response], *, once: Collection[str] = ()) -> Response:
    """Answer a write: as before when its key came before, else by doing it. Raises Trouble, and what `do` raises.

    The texts called `once` are in the first answer alone: what is kept of it has them empty.
    """
    given = _given()
    if given is None:
        return do()
    here, install = caller.services, caller.install
    seal, name = here.seal(install), f"{caller.key.id}:{given}"
    with here.database.write() as connection:
        met = replies.claim(connection, install.id, seal, name, _asked(), now=here.clock())
    match met:
        case Reply(status=status, body=body):
            media = "application/json" if body else None
            return Response(body, status, {REPLAYED: "true"}, content_type=media)
        case "busy":
            raise Trouble(IN_PROGRESS, headers=ASK_AGAIN)
        case "other":
            detail = "This idempotency key came before with another request. Take a new one."
            raise Trouble(REUSED, detail, errors=[FieldError(parameter=HEADER, detail=detail)])
    done: Response | None = None
    try:
        done = do()
    finally:
        with here.database.write() as connection:
            if done is not None and done.status_code < FAILED:
                reply = Reply(done.status_code, _kept(done.get_data(as_text=True), once))
                replies.keep(connection, install.id, seal, name, reply)
            else:
                replies.drop(connection, install.id, seal, name)
    return done


def _kept(body: str, once: Collection[str]) -> str:
    """Return what is kept of an answer."""
    return json.dumps(json.loads(body) | dict.fromkeys(once, "")) if once else body


def _given() -> str | None:
    """Return the key of this write; None when it has none. Raises Trouble when it cannot be one."""
    told = request.headers.get(HEADER)
    if told is None:
        return None
    given = told.removeprefix('"').removesuffix('"') if len(told) > 1 else told
    if not _KEY.fullmatch(given):
        raise Trouble(UNREADABLE, BROKEN, errors=[FieldError(parameter=HEADER, detail=BROKEN)])
    return given


def _asked() -> str:
    """Return what makes two requests the same: method, address, condition and body."""
    whole = hashlib.sha256(request.get_data(cache=True)).hexdigest()
    return " ".join((request.method, request.full_path, request.headers.get("If-Match", ""), whole))
