"""Several currencies in an org: what one unit of the corporate currency is in each of the others.

Amounts of records in different currencies can only be compared in one of them, so all are read in the corporate
currency. Dated exchange rates are not asked for: routing compares sizes, it keeps no books.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connector.crm import Memo
from connector.errors import Ignored, Refused
from connector.salesforce.session import Session

RATES = "SELECT IsoCode, ConversionRate, IsCorporate FROM CurrencyType"  # inactive ones too: old records have them
"""[U] That every user who may use the API may read CurrencyType in an org with several currencies."""
RATES_SECONDS = 3600.0
_MEMO = "salesforce.currencies"


@dataclass(frozen=True, slots=True)
class Rates:
    """Units of each currency for one of the `corporate` currency; none, and "", where the org does not tell."""

    corporate: str = ""
    units: Mapping[str, float] | None = None


class Currencies:
    """The rates of one org, asked for once and remembered."""

    def __init__(self, session: Session, memo: Memo) -> None:
        self._session = session
        self._memo = memo
        self._known: Rates | None = None

    def rates(self) -> Rates:
        """Return the rates. Raises Later or Revoked; what may not be read is told by nobody."""
        if self._known is None:
            kept = self._memo.get(_MEMO)
            if kept is None:
                kept = self._asked()
                self._memo.put(_MEMO, kept, seconds=RATES_SECONDS)
            self._known = Rates(
                str(kept["corporate"]), {str(code): float(rate) for code, rate in kept["units"].items()}
            )
        return self._known

    def _asked(self) -> dict[str, Any]:
        try:
            rows = self._session.query(RATES)
        except (Refused, Ignored):
            rows = []
        corporate = next((str(row["IsoCode"]) for row in rows if row.get("IsCorporate")), "")
        return {"corporate": corporate, "units": {row["IsoCode"]: row["ConversionRate"] for row in rows}}
