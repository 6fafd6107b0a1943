"""What an undo writes back on the record that was kept, and what stays there. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connector.hubspot.fields import CONTACT, OWNER, text
from connector.hubspot.properties import RESTORED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from connector.hubspot.columns import Columns
    from connector.hubspot.snapshots import Kept, Picture

    Json = Mapping[str, Any]

EMAIL, OTHER_EMAILS = "email", "hs_additional_emails"
DOMAIN, OTHER_DOMAINS = "domain", "hs_additional_domains"
LIFECYCLE = "lifecyclestage"
_OURS = "switchyard_"


@dataclass(slots=True)
class Back:
    """The properties to be written on the survivor; `left` are sentences about what stays as it is."""

    changes: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    @property
    def cleared(self) -> dict[str, str]:
        """What must be emptied first: a stage only moves forward, unless there is none (HubSpot, "Contacts")."""
        return {LIFECYCLE: ""} if self.changes.get(LIFECYCLE) else {}


def back(picture: Picture, written: Mapping[str, str], row: Json, columns: Columns) -> Back:
    """Return what the survivor (`row`, as it is now) must say to be as before the merge.

    A property goes back where it says what the merge wrote (`written`) or what HubSpot took from a loser. Where it says
    anything else, somebody has changed it since, and it stays.
    """
    survivor, *losers = picture.records
    now: Mapping[str, Any] = row.get("properties") or {}
    found = Back()
    for name in sorted(columns.writable):
        before, said = survivor.properties.get(name, ""), str(now.get(name) or "")
        if same(before, said):
            continue
        merged = [written[name]] if name in written else []
        merged += [loser.properties.get(name, "") for loser in losers]
        if any(same(said, each) for each in merged):
            found.changes[name] = before
        elif not name.startswith(_OURS):
            found.left.append(f"{name} was changed since the merge and stays as it is")
    return found


def same(one: str, other: str) -> bool:
    """Tell whether HubSpot would store two values as one: case matters but in addresses, spaces around do not."""
    one, other = text(one), text(other)
    return one == other or ("@" in one and one.casefold() == other.casefold())


def anew(loser: Kept, columns: Columns, mark: str) -> dict[str, str]:
    """Return the properties with which a loser is made anew: all that can be written, and our mark."""
    told = {name: value for name, value in loser.properties.items() if name in columns.writable}
    return told | {RESTORED: mark}


def addresses(record: Kept) -> list[str]:
    """Return the e-mail addresses of a contact, its own first, in lower case; a company has none."""
    if record.object_type != CONTACT:
        return []
    return _several(record.properties.get(EMAIL, ""), record.properties.get(OTHER_EMAILS, ""))


def to_free(picture: Picture, row: Json) -> list[str]:
    """Return the addresses of losers that the survivor has as additional ones by now and had not before."""
    survivor, *losers = picture.records
    theirs = {each for loser in losers for each in addresses(loser)} - set(addresses(survivor))
    now = _several((row.get("properties") or {}).get(OTHER_EMAILS) or "")
    return [each for each in now if each in theirs]


def domains_left(picture: Picture, row: Json) -> Iterator[str]:
    """Yield a sentence for each loser whose domain stays with the survivor: HubSpot lets nobody write these."""
    survivor, *losers = picture.records
    before = _several(survivor.properties.get(DOMAIN, ""), survivor.properties.get(OTHER_DOMAINS, ""))
    now = _several((row.get("properties") or {}).get(OTHER_DOMAINS) or "")
    for loser in losers:
        if loser.properties.get(DOMAIN, "").lower() in set(now) - set(before):
            yield f"The domain of {loser.id} stays an additional one of the company that was kept"


def label(names: Sequence[str]) -> str:
    """Name properties for people; the owner by our word."""
    return ", ".join("the owner" if name == OWNER else name for name in names)


def _several(*texts: str) -> list[str]:
    found = (each.strip().lower() for part in texts for each in str(part).split(";"))
    return list(dict.fromkeys(each for each in found if each))
