"""A country's two-letter code from the ways people write it, for the peers that compare countries."""

from __future__ import annotations

from functools import cache

import pycountry

SPOKEN = {
    "england": "GB",
    "great britain": "GB",
    "iran": "IR",
    "pr china": "CN",
    "russia": "RU",
    "south korea": "KR",
    "turkey": "TR",
    "uk": "GB",
}
"""Names in use that the standard's list does not have."""


@cache
def country(text: str | None) -> str | None:
    """Return the code of the country that `text` names or abbreviates; None when it is empty or unknown."""
    plain = (text or "").replace(".", "").strip().lower()
    if not plain:
        return None
    if plain in SPOKEN:
        return SPOKEN[plain]
    try:
        return str(pycountry.countries.lookup(plain).alpha_2)
    except LookupError:
        return None
