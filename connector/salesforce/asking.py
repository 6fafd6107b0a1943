"""Several queries in one call, each with a verdict of its own: what one of them may not read spoils no other.

Source: REST API guide "Composite": up to five queries of a composite call count as one call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from connector.errors import Ignored, Next, Refused
from connector.salesforce.answers import judge
from connector.salesforce.session import Session

QUERIES: Final = 5
IDS: Final = 200
"""Ids of one query here: with five of them in a call, none is long."""
_ERROR = 400


def answered(
    session: Session, version: str, texts: Mapping[str, str], *, deleted_too: bool = False
) -> dict[str, list[dict[str, Any]] | Next]:
    """Make queries, five a call; return the rows of each by its name (letters and digits), or why there are none.

    A hidden object or field is Refused or Ignored; Later and Revoked are raised, for they are about all of them.
    """
    found: dict[str, list[dict[str, Any]] | Next] = {}
    root = f"/services/data/v{version}/{'queryAll' if deleted_too else 'query'}?q="
    for part in parted(list(texts), QUERIES):
        asked = [{"method": "GET", "referenceId": name, "url": root + quote(texts[name])} for name in part]
        answer = session.call("POST", "composite", json={"allOrNone": False, "compositeRequest": asked})
        for each in answer["compositeResponse"]:
            found[str(each["referenceId"])] = _read(session, each)
    return found


def parted(values: Sequence[Any], size: int) -> list[Sequence[Any]]:
    """Return parts of a sequence, each of `size` or fewer."""
    return [values[start : start + size] for start in range(0, len(values), size)]


def _read(session: Session, each: Mapping[str, Any]) -> list[dict[str, Any]] | Next:
    status = int(each["httpStatusCode"])
    if status < _ERROR:
        return session.rows(each["body"])
    verdict = judge(status, each["body"])
    if not isinstance(verdict, Ignored | Refused):
        raise verdict
    return verdict
