"""What makes a merge a person's affair: the policy's blockers, consent, and what the CRM cannot do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rules.clauses import compare
from rules.merging import consent
from rules.merging.abilities import Abilities
from rules.merging.addresses import same_value
from rules.merging.facts import NOTHING_KNOWN, RecordFacts, asked, named_fields
from rules.merging.groups import Group
from rules.merging.names import Names
from rules.merging.policy import Blocker, MergePolicy, own_name
from rules.model import Kind, Record, Value
from rules.wording.words import say, showable

__all__ = ["Ground", "blocked", "is_converted"]


@dataclass(frozen=True, slots=True)
class Ground:
    """What a merge is judged on: the policy, what the CRM can do, what it knows of the records, and the moment.

    `facts` are by record id. `matched` is the account that each lead is matched to for certain, by the lead's id.
    `writable` are the fields (names as of `own_name`) that can be written on records of a kind; a kind that is not
    there takes all.
    """

    policy: MergePolicy
    abilities: Abilities
    facts: Mapping[str, RecordFacts]
    now: datetime
    matched: Mapping[str, str] = field(default_factory=dict)
    writable: Mapping[Kind, frozenset[str]] = field(default_factory=dict)

    def about(self, record: Record) -> RecordFacts:
        """Return what the CRM knows beside a record."""
        return self.facts.get(record.id, NOTHING_KNOWN)


def blocked(group: Group, ground: Ground, names: Names) -> tuple[str, ...]:
    """Return why a person must look at the group before it becomes one record, in plain words; () when nobody must.

    What a person said of a pair waives the policy's blockers for it, never what consent or the CRM forbid.
    """
    found = [*_of_group(group, ground, names)]
    for record in group.records:
        found += _of_record(record, ground, names)
    for one, other in group.pairs:
        judgement = group.about(one, other)
        both = {"one": names(one), "other": names(other)}
        if judgement.status != "same":
            told = "blocked.not same" if judgement.by else "blocked.chain"
            found.append(say(told, by=showable(judgement.by), **both))
        if not ground.policy.covers(one.kind, other.kind, alike=ground.abilities.alike):
            found.append(say("blocked.objects", **both))
        found += _of_consent(one, other, ground.policy, both)
        if not (judgement.by and judgement.status == "same"):
            found += [told for each in ground.policy.unless if (told := _told(each, one, other, ground, names))]
    return tuple(dict.fromkeys(found))


def _of_group(group: Group, ground: Ground, names: Names) -> Iterator[str]:
    count, most = len(group.records), ground.policy.most
    approved = all(group.about(one, other).by for one, other in group.pairs)
    if count > most and not approved:
        yield say("blocked.most", count=count, most=most)
    if any(record.kind == "account" for record in group.records) and not approved:
        yield say("blocked.accounts only")
    for kind, why in sorted(ground.abilities.locked.items()):
        if any(record.kind == kind for record in group.records):
            yield say(why)
    ceiling = ground.abilities.most_merged
    merged = sum(ground.about(record).merged for record in group.records) + count - 1
    if ceiling and merged > ceiling:
        largest = min(group.records, key=lambda record: (-ground.about(record).merged, record.id))
        yield say("blocked.ceiling", record=names(largest), count=ground.about(largest).merged, most=ceiling)


def _of_record(record: Record, ground: Ground, names: Names) -> Iterator[str]:
    if is_converted(record) and not ground.abilities.joins_converted:
        yield say("blocked.converted", record=names(record))
    if _flag(record, "person") and record.kind != "lead" and not ground.abilities.joins_person_accounts:
        yield say("blocked.person account", record=names(record))


def _of_consent(one: Record, other: Record, policy: MergePolicy, both: Mapping[str, str]) -> Iterator[str]:
    """Yield what two records say about consent that no merge may decide by itself."""
    first, second = named_fields(one), named_fields(other)
    for name in sorted(first.keys() & second.keys()):
        (written, value), (_, others) = first[name], second[name]
        if name == consent.PRIVACY_RECORD and _apart(value, others):
            yield say("blocked.individual", **both)
        if consent.is_consent(name, policy) and consent.contradict(value, others):
            yield say("blocked.consent", field=showable(written), **both)


def _apart(one: Value, other: Value) -> bool:
    return not (compare.is_empty(one) or compare.is_empty(other)) and one != other


def is_converted(record: Record) -> bool:
    """Tell whether a lead has become a contact already."""
    return _flag(record, "converted")


def _flag(record: Record, name: str) -> bool:
    return compare.flag(named_fields(record).get(name, ("", None))[1]) is True


def _told(blocker: Blocker, one: Record, other: Record, ground: Ground, names: Names) -> str:
    """Return what a blocker says about two records; "" when it does not block."""
    return _BLOCKERS[blocker.kind](blocker, (one, other), ground, names)


_Pair = Sequence[Record]


def _differs(blocker: Blocker, pair: _Pair, _ground: Ground, _names: Names) -> str:
    name = own_name(blocker.field)
    one, other = (named_fields(record).get(name, ("", None))[1] for record in pair)
    if same_value(name, one, other):
        return ""
    return say("blocked.differs", field=showable(blocker.field), one=compare.shown(one), other=compare.shown(other))


def _open_opportunities(_blocker: Blocker, pair: _Pair, ground: Ground, names: Names) -> str:
    one, other = pair
    if not all(ground.about(record).open_opportunities for record in pair):
        return ""
    return say("blocked.both have open opportunities", one=names(one), other=names(other))


def _opted_out(_blocker: Blocker, pair: _Pair, ground: Ground, names: Names) -> str:
    outs = [
        {name: told[0] for name, told in named_fields(record).items() if _is_out(name, told[1], ground.policy)}
        for record in pair
    ]
    for record, own, others in ((pair[0], outs[0], outs[1]), (pair[1], outs[1], outs[0])):
        if alone := sorted(own.keys() - others.keys()):
            return say("blocked.opted out differs", record=names(record), field=showable(own[alone[0]]))
    return ""


def _is_out(name: str, value: Value, policy: MergePolicy) -> bool:
    return consent.is_opt_out(name, policy) and not compare.is_empty(value) and compare.flag(value) is not False


def _owners(_blocker: Blocker, pair: _Pair, _ground: Ground, names: Names) -> str:
    one, other = pair
    return (
        say("blocked.owners differ", one=names(one), other=names(other)) if _apart(one.owner_id, other.owner_id) else ""
    )


def _accounts(_blocker: Blocker, pair: _Pair, ground: Ground, names: Names) -> str:
    one, other = pair
    of_one, of_other = (record.text("account_id") or ground.matched.get(record.id, "") for record in pair)
    return say("blocked.accounts differ", one=names(one), other=names(other)) if _apart(of_one, of_other) else ""


def _either(blocker: Blocker, pair: _Pair, ground: Ground, names: Names) -> str:
    held = [record for record in pair if _holds(blocker, record, ground)]
    return say("blocked.either", condition=showable(str(blocker)), record=names(held[0])) if held else ""


def _both(blocker: Blocker, pair: _Pair, ground: Ground, names: Names) -> str:
    if not all(_holds(blocker, record, ground) for record in pair):
        return ""
    return say("blocked.both", condition=showable(str(blocker)), one=names(pair[0]), other=names(pair[1]))


def _holds(blocker: Blocker, record: Record, ground: Ground) -> bool:
    return blocker.condition is not None and blocker.condition.test(asked(record, ground.now))


_BLOCKERS: Mapping[str, Callable[[Blocker, _Pair, Ground, Names], str]] = {
    "differs": _differs, "both have open opportunities": _open_opportunities, "opted out differs": _opted_out,
    "owners differ": _owners, "accounts differ": _accounts, "either": _either, "both": _both,
}  # fmt: skip
