"""Cursors: where the next page of a list begins, signed, so that nobody can make one up."""

from __future__ import annotations

from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer

from connector.api.problems import UNUSABLE, FieldError, Trouble
from oauth import signing

STALE = "The cursor is not one of this list. Begin again without it."


def cursor(install_id: str, listing: str, place: list[Any] | None) -> str | None:
    """Return the cursor of a place in a list (ids, numbers and moments as text, no field values); None for no place.

    `listing` names the list and what it is filtered by: a cursor of another one is refused.
    """
    return None if place is None else str(_signer(install_id, listing).dumps(place))


def place(install_id: str, listing: str, given: str) -> list[Any] | None:
    """Return the place that a cursor stands for; None without one. Raises Trouble for one that is not ours."""
    if not given:
        return None
    try:
        found = _signer(install_id, listing).loads(given)
    except BadSignature:
        raise Trouble(UNUSABLE, STALE, errors=[FieldError(parameter="cursor", detail=STALE)]) from None
    return list(found)


def _signer(install_id: str, listing: str) -> URLSafeSerializer:
    return URLSafeSerializer(signing.keys(), salt=f"api cursor {install_id} {listing}")
