"""The plan of a merge: survivor, losers, the value of each field, what forbids it, and what nobody could take back.

Pure: the same records give the same plan in whatever order they come. It is shown before, stored with the audit, and
made again right before the CRM is written to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from rules.merging import consent
from rules.merging.blockers import Ground, blocked, is_converted
from rules.merging.groups import Group
from rules.merging.names import Names
from rules.merging.policy import own_name
from rules.merging.survivor import survivor
from rules.merging.survivorship import Chosen, choose
from rules.model import Record
from rules.wording.words import say, showable

__all__ = ["NOT_EDITED", "Edit", "Plan", "plan"]

_UNDATED = datetime.max.replace(tzinfo=UTC)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Edit:
    """What a person wants otherwise: another survivor, or the value of a field from another record.

    `values_from` are record ids by the field's name as of `own_name`; ids that are not in the group are left out.
    """

    by: str = ""
    survivor_id: str = ""
    values_from: Mapping[str, str] = field(default_factory=dict)


NOT_EDITED = Edit()


@dataclass(frozen=True, slots=True)
class Plan:
    """How a group becomes one record.

    `reason` says why the survivor is the one. `values` has what the survivor will say, for every field that can be
    written. It must not be carried out while there is anything in `blocked`: a person decides. `lost` is what an undo
    could not give back. Of the losers, those in `converts` (ids) are converted, onto the account `convert_to_account`;
    the others are merged. `owner_rule` says whose owner `owner_id` was. `aside` are records of the group that are left
    as they are. All sentences are for people.
    """

    survivor: Record
    losers: tuple[Record, ...]
    reason: str
    values: Mapping[str, Chosen] = field(default_factory=dict)
    blocked: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    owner_id: str | None = None
    owner_rule: str = ""
    converts: tuple[str, ...] = ()
    convert_to_account: str = ""
    gives_turn_back: bool = True
    aside: tuple[Record, ...] = ()

    @property
    def records(self) -> tuple[Record, ...]:
        """The survivor and the losers."""
        return (self.survivor, *self.losers)

    @property
    def changes(self) -> dict[str, Chosen]:
        """What the survivor says otherwise than before, by field."""
        return {name: chosen for name, chosen in self.values.items() if chosen.is_new}


def plan(group: Group, ground: Ground, edit: Edit = NOT_EDITED) -> Plan:
    """Return how the group becomes one record. Raises ValueError for a group of fewer than two records.

    The same for the same records in any order, and for the same policy, facts and moment.
    """
    if len(group.records) < 2:  # noqa: PLR2004 - one record is no group
        raise ValueError("A merge needs two records.")
    group, aside = _without_converted(group, ground)
    names = Names(group.records)
    order, reason = survivor(group.records, ground.facts, ground.policy, ground.now)
    able = [record for record in order if _takes_all(record, order, ground)]
    first, reason = _first(order, able, reason, edit)
    order = (first, *(record for record in order if record is not first))
    chosen = choose(order, ground.policy, ground.facts, edit.values_from)
    values, unwritten = _written(chosen, first, ground)
    converts = tuple(one.id for one in order[1:] if ground.abilities.by_conversion(first.kind, one.kind))
    owner_id, owner_rule = _owner(order, ground)
    found = Plan(
        survivor=first, losers=order[1:], reason=reason, values=values, owner_id=owner_id, owner_rule=owner_rule,
        converts=converts, gives_turn_back=ground.policy.turn == "given back", aside=aside,
        convert_to_account=first.text("account_id") if converts and ground.policy.convert != "never" else "",
    )  # fmt: skip
    stopped = blocked(group, ground, names)
    if first not in able:
        stopped += (say("blocked.cannot take", record=names(first)),)
    stopped += tuple(_conversion(found, ground, names))
    stopped += tuple(_opt_outs(unwritten, names, ground))
    return replace(found, blocked=tuple(dict.fromkeys(stopped)), lost=tuple(_lost(found, unwritten, ground, names)))


def _without_converted(group: Group, ground: Ground) -> tuple[Group, tuple[Record, ...]]:
    """Return the group without leads that are a contact by now and cannot be merged, as long as two others are left."""
    aside = () if ground.abilities.joins_converted else tuple(filter(is_converted, group.records))
    rest = tuple(record for record in group.records if record not in aside)
    return (replace(group, records=rest), aside) if len(rest) > 1 else (group, ())


def _takes_all(record: Record, records: Sequence[Record], ground: Ground) -> bool:
    return all(ground.abilities.can_take(record.kind, other.kind) for other in records if other is not record)


def _first(order: Sequence[Record], able: Sequence[Record], reason: str, edit: Edit) -> tuple[Record, str]:
    """Return who survives, and why: a person's choice, the policy's first, or the first that can."""
    if wanted := next((record for record in order if record.id == edit.survivor_id), None):
        return wanted, say("survivor.person", by=showable(edit.by))
    if not able or able[0] is order[0]:
        return order[0], reason
    return able[0], say("survivor.able")


def _written(
    chosen: Mapping[str, Chosen], first: Record, ground: Ground
) -> tuple[dict[str, Chosen], dict[str, Chosen]]:
    """Return the values that can be written on the survivor, and those of others that cannot and so would be lost."""
    able = ground.writable.get(first.kind)
    values = {name: one for name, one in chosen.items() if able is None or own_name(name) in able}
    own = {own_name(name) for name in first.fields}
    left = {name: one for name, one in chosen.items() if name not in values and one.is_new}
    return values, {
        name: one
        for name, one in left.items()
        if own_name(name) not in own or consent.is_opt_out(own_name(name), ground.policy)
    }


def _opt_outs(unwritten: Mapping[str, Chosen], names: Names, ground: Ground) -> Iterator[str]:
    """Yield what would lose an opt-out, because the CRM does not let us write it."""
    for name, chosen in unwritten.items():
        if consent.is_opt_out(own_name(name), ground.policy) and not ground.abilities.keeps_opt_outs:
            yield say("blocked.opt out", field=showable(name), record=names.by_id(chosen.from_id))


def _conversion(found: Plan, ground: Ground, names: Names) -> Iterator[str]:
    """Yield why a lead of the plan cannot be converted onto the contact."""
    contact, convert = names(found.survivor), ground.policy.convert
    for lead in found.losers:
        if lead.id not in found.converts:
            continue
        matched = ground.matched.get(lead.id, "")
        if convert == "never":
            yield say("blocked.convert never", record=names(lead))
        elif not found.convert_to_account:
            yield say("blocked.no account", record=contact)
        elif convert == "onto matched account" and not matched:
            yield say("blocked.no match", record=names(lead))
        elif convert == "onto matched account" and matched != found.convert_to_account:
            yield say("blocked.other account", one=names(lead), other=contact)


def _owner(order: Sequence[Record], ground: Ground) -> tuple[str | None, str]:
    """Return who owns the survivor, by the first way that finds an owner who is active as far as anybody knows."""
    for way in ground.policy.owner:
        record = _OWNERS[way](order, ground)
        if record.owner_id and ground.about(record).owner_active is not False:
            return record.owner_id, way
    return order[0].owner_id, "survivor's"


_OWNERS: Mapping[str, Callable[[Sequence[Record], Ground], Record]] = {
    "survivor's": lambda order, _ground: order[0],
    "newest": lambda order, _ground: max(order, key=lambda record: record.created_at or _LONG_AGO),
    "oldest": lambda order, _ground: min(order, key=lambda record: record.created_at or _UNDATED),
    "latest activity": lambda order, ground: max(
        order, key=lambda record: ground.about(record).last_activity_at or _LONG_AGO
    ),
}


def _lost(found: Plan, unwritten: Mapping[str, Chosen], ground: Ground, names: Names) -> Iterator[str]:
    """Yield what an undo could not give back, in plain words."""
    if len(found.losers) > len(found.converts):
        yield say("lost.bin", days=ground.abilities.bin_days) if ground.abilities.bin_days else say("lost.new")
    if found.converts:
        yield say("lost.convert")
    for sentence in ground.abilities.lost:
        yield say(sentence)
    for record in found.losers:
        if own := [showable(name) for name, one in unwritten.items() if one.from_id == record.id]:
            yield say("lost.fields", record=names(record), fields=", ".join(own))
