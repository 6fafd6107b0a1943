"""What a CRM can do about a merge, as data: which records it joins, and what it cannot give back afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rules.model import Kind

__all__ = ["HUBSPOT", "SALESFORCE", "Abilities"]


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a CRM can do. `joins` are pairs of kinds, the survivor's first, that one merge makes one record of.

    `converts`: a lead becomes part of a contact by being converted. `alike`: leads and contacts are one object there.
    `most_merged` is how many records one record may take in (0: any number). `joins_converted` and
    `joins_person_accounts`: these may be merged. `keeps_opt_outs`: the CRM itself keeps an opt-out that we must not
    write. `bin_days`: how long merged records can be taken out of the recycle bin (0: an undo makes new ones). `lost`
    names further sentences of rules.wording.words about what an undo cannot give back. `locked` says of kinds that
    cannot be merged now why, by the id of a sentence.
    """

    joins: frozenset[tuple[Kind, Kind]]
    converts: bool = False
    alike: bool = False
    most_merged: int = 0
    joins_converted: bool = False
    joins_person_accounts: bool = False
    keeps_opt_outs: bool = False
    bin_days: int = 0
    lost: tuple[str, ...] = ()
    locked: Mapping[Kind, str] = field(default_factory=dict)

    def can_take(self, survivor: Kind, loser: Kind) -> bool:
        """Tell whether a record of the first kind can take in one of the second."""
        return (survivor, loser) in self.joins or self.by_conversion(survivor, loser)

    def by_conversion(self, survivor: Kind, loser: Kind) -> bool:
        """Tell whether it takes it in by conversion: a lead onto a contact."""
        return self.converts and (survivor, loser) == ("contact", "lead") and (survivor, loser) not in self.joins


SALESFORCE = Abilities(
    joins=frozenset({("lead", "lead"), ("contact", "contact"), ("account", "account")}),
    converts=True,
    bin_days=15,
    lost=("lost.related",),
)
"""Sources: SOAP API guide "merge()", "convertLead()", "undelete()". [U] That a person account is merged only as the
account that it is; it is left to a person here."""

HUBSPOT = Abilities(
    joins=frozenset(
        {("lead", "lead"), ("contact", "contact"), ("lead", "contact"), ("contact", "lead"), ("account", "account")}
    ),
    alike=True,
    most_merged=250,
    joins_converted=True,
    lost=("lost.new id", "lost.timeline", "lost.lifecycle", "lost.address", "lost.related"),
)
"""Sources: HubSpot's API, "merge" of contacts and companies, and its error 414: no more than 250 identities on a
profile. [U] Whether HubSpot itself keeps an opt-out of the record that goes; until that is known, such a pair is left
to a person. Whoever reads that companies are locked by the Salesforce sync puts them in `locked`."""
