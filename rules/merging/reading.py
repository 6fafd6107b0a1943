"""From YAML nodes to the policy of merging. Every mistake is a fault with its place and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar, cast, get_args

from yaml import Mark
from yaml.nodes import MappingNode, Node, ScalarNode

from rules.conditions import Condition
from rules.faults import Fault
from rules.fields import type_of
from rules.merging.field_reading import FieldRuleReader
from rules.merging.policy import (
    Blocker,
    BlockerKind,
    Convert,
    MergePolicy,
    Merit,
    MeritKind,
    ObjectPair,
    Owner,
    Turn,
)
from rules.model import Mode
from rules.parsing.nodes import meant

__all__ = ["KEYS", "LARGEST_GROUP", "MOST_BLOCKERS", "MOST_MERITS", "MOST_NAMED", "MergeReader"]

KEYS = (
    "duplicates", "mode", "objects", "merge", "review", "ids", "unless", "survivor", "fields", "opt outs", "consents",
    "convert", "owner", "turn", "most records",
)  # fmt: skip
MOST_BLOCKERS = 50
MOST_MERITS = 20
"""Nobody can follow more of them when asking why."""
MOST_NAMED = 50
"""Fields of one kind: more would be looked at for every two records."""
LARGEST_GROUP = 20
"""A person who is there more often than that is more likely a placeholder than a person."""

_MODES: tuple[Mode, ...] = get_args(Mode)
_PAIRS: tuple[ObjectPair, ...] = get_args(ObjectPair)
_CONVERT: tuple[Convert, ...] = get_args(Convert)
_OWNERS: tuple[Owner, ...] = get_args(Owner)
_TURNS: tuple[Turn, ...] = get_args(Turn)
_SHARE = re.compile(r"(?:at\s+|from\s+)?(?P<number>\d{1,3}(?:\.\d{1,9})?)\s*(?P<percent>%?)", re.IGNORECASE)
_DIFFERS = re.compile(r"(?P<field>\S.*?)\s+(?:differs|differ)", re.IGNORECASE)
_ELSE = re.compile(r"\s*,?\s+(?:or\s+)?else\s+", re.IGNORECASE)
_EXTREME = re.compile(r"(?P<kind>highest|lowest)\s+record\.(?P<field>\S+)")
_OF_MAPPING = ("tax id differs", "differs")
_PLAIN_MERITS = tuple(each for each in get_args(MeritKind) if each not in {"condition", "highest", "lowest"})
_MERITS = (*_PLAIN_MERITS, "highest record.score", "lowest record.score", "record.status is Working")
_PLAIN_BLOCKERS = tuple(each for each in get_args(BlockerKind) if each not in {"differs", "either", "both"})
_BLOCKERS = (
    *_PLAIN_BLOCKERS, "Tax_Id__c differs", "tax id differs: Tax_Id__c", "either.status is Working",
    "both.status is Working",
)  # fmt: skip
_WORDS: Mapping[str, str] = {
    "contact first": "contact before lead", "contacts before leads": "contact before lead",
    "contact": "contact before lead", "open opportunity": "has open opportunity",
    "open opportunities": "has open opportunity", "has open opportunities": "has open opportunity",
    "has open deal": "has open opportunity", "active owner": "owner active", "owner is active": "owner active",
    "most activities": "most activity", "last activity": "latest activity", "most recent activity": "latest activity",
    "last modified": "latest change", "most complete record": "most complete", "created first": "oldest",
    "created last": "newest", "is converted": "converted", "both have open opportunity": "both have open opportunities",
    "both have open deals": "both have open opportunities", "opt out differs": "opted out differs",
    "opt-out differs": "opted out differs", "owner differs": "owners differ", "account differs": "accounts differ",
    "different owners": "owners differ", "different accounts": "accounts differ", "survivor": "survivor's",
    "survivor's owner": "survivor's", "newest record": "newest", "oldest record": "oldest", "most senior": "oldest",
    "most senior record": "oldest", "back": "given back", "return": "given back", "keep": "kept",
    "onto the matched account": "onto matched account", "onto account of contact": "onto contact's account",
    "onto the contact's account": "onto contact's account",
}  # fmt: skip
"""What others call things."""
_SCOPE = "lead"
"""What conditions on a record are read as, whatever it is."""
_T = TypeVar("_T")
_WordT = TypeVar("_WordT", bound=str)


def _plain(text: str) -> str:
    return " ".join(text.replace("\u2019", "'").casefold().split())


class MergeReader(FieldRuleReader):
    """Reads the item ``duplicates`` of one record."""

    def merge_policy(self, node: MappingNode) -> MergePolicy:
        """Return the policy that an item's mapping describes; what is not there is as by default."""
        fields = self.fields(node, KEYS)
        usual = MergePolicy()

        def read(name: str, reader: Callable[[Node], _T], otherwise: _T) -> _T:
            return reader(fields[name][1]) if name in fields else otherwise

        rules, others = read("fields", self.field_rules, (usual.fields, usual.others))
        found = MergePolicy(
            name=self.text(fields["duplicates"][1], "The policy's name"),
            mode=read("mode", lambda at: self._word(at, "mode", _MODES, usual.mode), usual.mode),
            objects=read("objects", self._objects, usual.objects),
            merge=read("merge", lambda at: self._share(at, "merge"), usual.merge),
            review=read("review", lambda at: self._share(at, "review"), usual.review),
            ids=read("ids", lambda at: self._named_fields(at, "ids"), usual.ids),
            unless=read("unless", self._unless, usual.unless),
            survivor=read("survivor", self._survivor, usual.survivor),
            fields=rules,
            others=others,
            opt_outs=read("opt outs", lambda at: self._named_fields(at, "opt outs"), usual.opt_outs),
            consents=read("consents", lambda at: self._named_fields(at, "consents"), usual.consents),
            convert=read("convert", lambda at: self._word(at, "convert", _CONVERT, usual.convert), usual.convert),
            owner=read("owner", self._owner, usual.owner),
            turn=read("turn", lambda at: self._word(at, "turn", _TURNS, usual.turn), usual.turn),
            most=read("most records", lambda at: self.whole(at, "most records", 2, LARGEST_GROUP), usual.most),
        )
        if not 0 < found.review <= found.merge <= 1:
            remedy = "Write merge: 99.9% and review: 70%."
            self.fault(node, "review and merge must be between 0% and 100%, review not above merge.", remedy)
        return found

    def _word(self, node: Node, what: str, words: Sequence[_WordT], otherwise: _WordT) -> _WordT:
        """Return one of some words; a fault and `otherwise` when it is none of them."""
        text = self.text(node, what)
        plain = _WORDS.get(_plain(text), _plain(text))
        found = next((word for word in words if word in {_plain(text), plain}), None)
        if text and found is None:
            self.fault(node, f"“{text}” is no word for {what}.", meant(plain, words, otherwise=f"Write {_or(words)}."))
        return found or otherwise

    def _objects(self, node: Node) -> tuple[ObjectPair, ...]:
        found = [self._pair(entry) for entry in self.some(node, "objects")]
        return tuple(dict.fromkeys(pair for pair in found if pair))

    def _pair(self, node: Node) -> ObjectPair | None:
        text = self.text(node, "A pair of objects")
        told = _plain(text).replace(" and ", " with ").replace(" to ", " with ")
        one, _, other = told.partition(" with ")
        names = [_singular(each) for each in (one, other)]
        wanted = {" with ".join(names), " with ".join(reversed(names))}
        found = next((pair for pair in _PAIRS if pair in wanted), None)
        if text and found is None:
            self.fault(node, f"“{text}” is no pair of objects.", meant(told, _PAIRS, otherwise=f"Write {_or(_PAIRS)}."))
        return found

    def _share(self, node: Node, what: str) -> float:
        """Return a probability, written as 99.9% or 0.999."""
        found = _SHARE.fullmatch(self.text(node, what))
        if not found:
            self.fault(node, f"{what} must be a probability.", "Write it like 99.9% or 0.999.")
            return 0.9
        return round(float(found["number"]) / (100 if found["percent"] else 1), 12)

    def _named_fields(self, node: Node, what: str) -> tuple[str, ...]:
        entries = self.some(node, what, MOST_NAMED, "Keep those that are filled in.")
        names = [self.field_name(entry, text) for entry in entries if (text := self.text(entry, "A field"))]
        return tuple(dict.fromkeys(filter(None, names)))

    def _owner(self, node: Node) -> tuple[Owner, ...]:
        found: list[Owner] = []
        for part in _ELSE.split(self.text(node, "owner")):
            word = _WORDS.get(_plain(part), _plain(part))
            known = next((each for each in _OWNERS if each == word), None)
            if known is None:
                self.fault(node, f"“{part}” does not say whose owner stays.", f"Write {_or(_OWNERS)}.")
            elif known not in found:
                found.append(known)
        return tuple(found)

    def _unless(self, node: Node) -> tuple[Blocker, ...]:
        entries = self.some(node, "unless", MOST_BLOCKERS, "Keep those that happen.")
        found = [blocker for entry in entries for blocker in self._blockers(entry)]
        return self._once(node, found)

    def _blockers(self, node: Node) -> tuple[Blocker, ...]:
        if isinstance(node, MappingNode):
            return self._of_mapping(node)
        text = self.text(node, "A blocker")
        plain = _plain(text)
        plain = _WORDS.get(plain, plain)
        if known := next((each for each in _PLAIN_BLOCKERS if each == plain), None):
            return (Blocker(cast("BlockerKind", known)),)
        if text.startswith(("either.", "both.")):
            kind: BlockerKind = "either" if text.startswith("either.") else "both"
            condition = self._asked(node, kind)
            return (Blocker(kind, condition=condition, line=text),) if condition else ()
        if differs := _DIFFERS.fullmatch(text):
            name = self.field_name(node, differs["field"])
            return (Blocker("differs", name),) if name else ()
        if text:
            remedy = meant(plain, _BLOCKERS, otherwise=f"Write one of: {', '.join(_BLOCKERS)}.")
            self.fault(node, f"“{text}” does not say what forbids a merge.", remedy)
        return ()

    def _of_mapping(self, node: MappingNode) -> tuple[Blocker, ...]:
        key, value = node.value[0] if node.value else (None, node)
        if key is None or len(node.value) > 1 or _plain(str(key.value)) not in _OF_MAPPING:
            self.fault(node, "This does not say what forbids a merge.", "Write it like tax id differs: Tax_Id__c.")
            return ()
        return tuple(Blocker("differs", name) for name in self._named_fields(value, str(key.value)))

    def _survivor(self, node: Node) -> tuple[Merit, ...]:
        entries = self.some(node, "survivor", MOST_MERITS, "Keep those that decide most often.")
        found = [merit for entry in entries if (merit := self._merit(entry))]
        return self._once(node, found)

    def _merit(self, node: Node) -> Merit | None:
        text = self.text(node, "What speaks for a survivor")
        plain = _WORDS.get(_plain(text), _plain(text))
        if known := next((each for each in _PLAIN_MERITS if each == plain), None):
            return Merit(cast("MeritKind", known))
        if extreme := _EXTREME.fullmatch(text):
            return self._extreme(node, cast("MeritKind", extreme["kind"]), extreme["field"])
        if text.startswith("record."):
            condition = self._asked(node, "record")
            return Merit("condition", condition=condition, line=text) if condition else None
        if text:
            remedy = meant(plain, _MERITS, otherwise=f"Write one of: {', '.join(_MERITS)}.")
            self.fault(node, f"“{text}” does not say what speaks for a survivor.", remedy)
        return None

    def _extreme(self, node: Node, kind: MeritKind, written: str) -> Merit | None:
        name = self.field_name(node, written)
        if name and type_of(f"lead.{name}") not in {"number", "time", "any"}:
            self.fault(node, f"{written} is neither a number nor a time.", f"Write {kind} record.score.")
            return None
        return Merit(kind, field=name) if name else None

    def _asked(self, node: Node, prefix: str) -> Condition | None:
        """Return a condition on one record, read as one on ``lead.``; faults keep their place and its own words."""
        text, at = self.text(node, "A condition"), node.start_mark
        shift = len(prefix) - len(_SCOPE)
        mark = Mark(at.name, at.index + shift, at.line, at.column + shift, None, 0)
        style = node.style if isinstance(node, ScalarNode) else None
        faults, references = len(self.faults), len(self.references)
        found = self.condition(ScalarNode(node.tag, f"{_SCOPE}{text[len(prefix) :]}", mark, node.end_mark, style))
        begin = at.column + 1 + shift + (style in {"'", '"'})
        self.faults[faults:] = [_in_words_of(each, prefix, begin, shift) for each in self.faults[faults:]]
        self.references[references:] = [
            replace(each, column=each.column - shift) for each in self.references[references:]
        ]
        if not isinstance(found, Condition):
            return None
        if found.operator == "changed":
            self.fault(node, f"Nobody knows this of a record that is merged: {text}", "Ask for a field of the record.")
            return None
        return replace(found, line=text)

    def _once(self, node: Node, found: Sequence[_T]) -> tuple[_T, ...]:
        kept = tuple(dict.fromkeys(found))
        if len(kept) < len(found):
            twice = next(each for place, each in enumerate(found) if each in found[:place])
            self.fault(node, f"“{twice}” stands here twice.", "Keep one of them.")
        return kept


def _in_words_of(fault: Fault, prefix: str, begin: int, shift: int) -> Fault:
    """Return a fault of a condition with the customer's own word for the record; that of its field stands at it."""
    message, remedy = (told.replace(f"{_SCOPE}.", f"{prefix}.") for told in (fault.message, fault.remedy))
    column = fault.column - shift if fault.column == begin else fault.column
    return replace(fault, message=message, remedy=remedy, column=column)


def _singular(name: str) -> str:
    told = name.strip().removesuffix("s")
    return {"company": "account", "companie": "account"}.get(told, told)


def _or(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"
