"""From YAML nodes to the match policy. Every mistake is a fault with its place and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeVar, cast

from rapidfuzz import fuzz, process
from yaml import Mark
from yaml.nodes import MappingNode, Node, ScalarNode

from rules import normalize
from rules.clauses import compare
from rules.conditions import Condition
from rules.conditions import Part as ConditionPart
from rules.faults import RuleFault
from rules.fields import type_of
from rules.matching.pairs import Pair, Pairs, PairVerdict, Side, company_key
from rules.matching.policy import DomainOnly, MatchPolicy
from rules.matching.preferences import CUSTOMERS, KINDS, Preference, lines
from rules.matching.synonyms import Acquisition, Names
from rules.parsing.condition_reading import ConditionReader, Reference
from rules.parsing.nodes import Fields
from rules.parsing.yamltext import place

MOST_FILTERS = 50
MOST_TIE_BREAKERS = 20
"""Nobody can follow more of them when asking why."""
MOST_PAIRS = 2_000
"""Of always, and of never: exceptions. When there are more, a field of the account says it better."""
MOST_COMPANIES = 2_000
"""Lines of synonyms, and acquisitions: all are gone through whenever the rules are read."""
MOST_NAMES = 20
"""Names of one company: each is looked up for every lead of it."""
MOST_FREE_MAIL = 500

_KNOWN = (
    "match", "accept", "review", "only", "prefer", "tie", "domain only", "keep links", "never", "always", "synonyms",
    "acquired", "own free mail",
)  # fmt: skip
_SIDES: tuple[Side, ...] = ("company", "domain", "lead")
_TIE = re.compile(r"(?P<number>\d{1,4}(\.\d{1,6})?)\s*(?P<percent>%?)")
_WIDEST_TIE = 10.0
_OF_THE_MOMENT = frozenset({"within last", "within next", "changed"})
_LISTED = re.compile(r"list\s+(?P<name>\S.*)", re.DOTALL)
_EXTREME = re.compile(r"(?P<kind>highest|lowest)\s+(?P<field>\S.*)", re.DOTALL)
_PLAIN = tuple(name for name in KINDS if name not in {"list", "condition", "highest", "lowest"})
_EXAMPLES = (
    *_PLAIN,
    'list "Name"',
    "highest account.employees",
    "lowest account.employees",
    "account.type is Customer",
)
_CLOSE = 60

_T = TypeVar("_T")


class PolicyReader(ConditionReader):
    """Reads the match policy of one record."""

    def policy(self, node: MappingNode) -> MatchPolicy:
        """Return the policy that an item's mapping describes; what is not there is as by default."""
        fields = self.fields(node, _KNOWN)
        usual = MatchPolicy()

        def read(name: str, reader: Callable[[Node], _T], otherwise: _T) -> _T:
            return reader(fields[name][1]) if name in fields else otherwise

        policy = MatchPolicy(
            accept=read("accept", lambda at: self.number(at, "accept", float), usual.accept),
            review=read("review", lambda at: self.number(at, "review", float), usual.review),
            only=read("only", self._only, usual.only),
            prefer=read("prefer", self._prefer, usual.prefer),
            tie=read("tie", self._tie, usual.tie),
            domain_only=read("domain only", self._domain_only, usual.domain_only),
            keep_links=read("keep links", lambda at: self.flag(at, "keep links"), usual.keep_links),
            pairs=self._pairs(fields),
            names=Names(read("synonyms", self._synonyms, ()), read("acquired", self._acquired, ())),
            free_mail=read("own free mail", self._free_mail, usual.free_mail),
        )
        if not 0 < policy.review <= policy.accept <= 1:
            self.fault(
                node,
                "review and accept must be between 0 and 1, review not above accept.",
                "Write accept: 0.9 and review: 0.6.",
            )
        return policy

    def _entries(self, node: Node, what: str, most: int, why: str) -> list[Node]:
        """Return the entries of a list that must not be longer than `most`."""
        entries = self.entries(node, what)
        if len(entries) > most:
            self.fault(entries[most], f"{what} has more than {most:,} entries.", why)
        return entries[:most]

    def _only(self, node: Node) -> tuple[ConditionPart, ...]:
        single = isinstance(node, ScalarNode | MappingNode)
        entries = (
            [node] if single else self._entries(node, "only", MOST_FILTERS, "Put values that are alike in a list.")
        )
        return tuple(part for part in map(self._about_account, entries) if part)

    def _about_account(self, node: Node) -> ConditionPart | None:
        """Return a condition that asks for the account, and at most for the lead beside it."""
        part = self.condition(node)
        asked = [line.field for line in lines((part,) if part else ())]
        unknown = [field for field in asked if not field.startswith(("account.", "lead."))]
        for field in unknown:
            remedy = "Ask for account. or lead. here."
            self.fault(node, f"{field} is not known yet when the account is chosen.", remedy)
        for line in lines((part,) if part else ()):
            if line.operator in _OF_THE_MOMENT:
                remedy = "Ask for it in a rule, where an account is routed by it."
                self.fault(node, f"“{line.operator}” depends on the moment, and a match must not.", remedy)
        if asked and not unknown and not any(field.startswith("account.") for field in asked):
            self.fault(node, "This is the same for all accounts.", "Ask for a field of the account, as account.type.")
        return part

    def _prefer(self, node: Node) -> tuple[Preference, ...]:
        entries = self._entries(node, "prefer", MOST_TIE_BREAKERS, "Keep those that decide most often.")
        found = [self._preference(entry) for entry in entries]
        for number, (entry, one) in enumerate(zip(entries, found, strict=True)):
            if one is not None and one in found[:number]:
                self.fault(entry, f"“{one}” stands here twice.", "Only the first one can decide.")
        return tuple(one for one in found if one)

    def _preference(self, node: Node) -> Preference | None:
        if isinstance(node, MappingNode):
            return self._of_mapping(node)
        text = self.text(node, "A tie-breaker")
        plain = " ".join(text.replace("\u2019", "'").casefold().split())
        if plain in _PLAIN:
            return Preference(plain, types=CUSTOMERS if plain == "customer" else ())
        if listed := _LISTED.fullmatch(text):
            return self._listed(node, listed["name"])
        if extreme := _EXTREME.fullmatch(text):
            return self._extreme(node, extreme["kind"], extreme["field"])
        if text.startswith(("account.", "lead.", "match.", "duplicate.", "event.")):
            return self._conditioned(node)
        if text:
            meant = process.extractOne(plain, _EXAMPLES, scorer=fuzz.ratio, score_cutoff=_CLOSE)
            hint = f"Did you mean “{meant[0]}”?" if meant else f"Write one of: {', '.join(_EXAMPLES)}."
            self.fault(node, f"“{text}” is not a tie-breaker.", hint)
        return None

    def _of_mapping(self, node: MappingNode) -> Preference | None:
        key, value = node.value[0] if node.value else (None, node)
        if key is None or key.value != "customer" or len(node.value) > 1:
            return self._conditioned(node)
        types = tuple(self.text(entry, "A type") for entry in self._some(value, "customer"))
        return Preference("customer", types=types)

    def _listed(self, node: Node, written: str) -> Preference | None:
        try:
            name = str(compare.literal(written, text_only=True))
        except RuleFault as fault:
            self.fault(node, fault.message, fault.remedy)
            return None
        self.references.append(Reference("list", name, *place(node)))
        return Preference("list", list_name=name)

    def _some(self, node: Node, what: str) -> Sequence[Node]:
        """Return the entries of a list, or the one value that stands in its place."""
        entries = [node] if isinstance(node, ScalarNode) else self.entries(node, what)
        if not entries:
            self.fault(node, f"{what} has no values.", "Add at least one, or leave it out.")
        return entries

    def _conditioned(self, node: Node) -> Preference | None:
        condition = self._about_account(node)
        return Preference("condition", condition=condition) if condition else None

    def _extreme(self, node: Node, kind: str, field: str) -> Preference | None:
        remedy = f"Write {kind} account.employees."
        if not field.startswith("account."):
            self.fault(node, f"{field} is not a field of the account.", remedy)
            return None
        at, shift = node.start_mark, len(kind) + 1
        mark = Mark(at.name, at.index + shift, at.line, at.column + shift, None, 0)
        found = self.condition(ScalarNode(node.tag, f"{field} is not empty", mark, node.end_mark))
        if not isinstance(found, Condition):
            return None
        field = found.field
        if type_of(field) not in {"number", "time", "any"}:
            self.fault(node, f"{field} is neither a number nor a time.", remedy)
        return Preference(kind, field=field.removeprefix("account."))

    def _tie(self, node: Node) -> float:
        found = _TIE.fullmatch(self.text(node, "tie"))
        width = float(found["number"]) / (100 if found["percent"] else 1) if found else -1.0
        if not 0 <= width <= _WIDEST_TIE:
            remedy = "Write tie: 30% for accounts of which the best is at most 30% likelier than the others."
            self.fault(node, "tie says how much likelier the best account may be, from 0% to 1000%.", remedy)
        return round(width, 6)

    def _domain_only(self, node: Node) -> DomainOnly:
        word = self.text(node, "domain only")
        if word not in {"never", "fallback", "always"}:
            self.fault(node, f"“{word}” does not say what a domain alone is worth.", "Write never, fallback or always.")
            return "fallback"
        return cast("DomainOnly", word)

    def _pairs(self, fields: Fields) -> Pairs:
        verdicts: tuple[PairVerdict, ...] = ("never", "always")
        found: dict[tuple[str, str, str], Pair] = {}
        for verdict in verdicts:
            if verdict not in fields:
                continue
            for entry in self._entries(fields[verdict][1], verdict, MOST_PAIRS, "Use a field of the account instead."):
                pair = self._pair(entry, verdict)
                if pair is None:
                    continue
                who = company_key(pair.who) if pair.side == "company" else pair.who
                first = found.setdefault((pair.side, who, compare.folded(pair.account)), pair)
                if first is not pair and first.verdict != verdict:
                    self.fault(entry, "This pair stands under never and under always.", "Keep one of them.")
        return Pairs(tuple(found.values()))

    def _pair(self, node: Node, verdict: PairVerdict) -> Pair | None:
        if not isinstance(node, MappingNode):
            self.fault(node, "This is not a pair.", "Write it like - {company: Apple Records, account: Apple Inc.}.")
            return None
        fields = self.fields(node, (*_SIDES, "account"))
        sides = [side for side in _SIDES if side in fields]
        if len(sides) != 1 or "account" not in fields:
            remedy = "Write it like - {company: Apple Records, account: Apple Inc.}."
            self.fault(node, "A pair has one of company, domain, lead, and an account.", remedy)
            return None
        side, at = sides[0], fields[sides[0]][1]
        who = self._domain(at) if side == "domain" else self.text(at, side)
        account = self.text(fields["account"][1], "account")
        return Pair(verdict, side, who, account) if who and account else None

    def _domain(self, node: Node) -> str:
        text = self.text(node, "domain")
        found = normalize.domain(text)
        if text and not found:
            self.fault(node, f"“{text}” is not a domain.", "Write it like acme.com.")
        if found in normalize.FREE_MAIL:
            self.fault(node, f"{found} is a free mail service of people from everywhere.", "Name the company instead.")
        return found

    def _synonyms(self, node: Node) -> tuple[tuple[str, ...], ...]:
        found: list[tuple[str, ...]] = []
        seen: dict[str, int] = {}
        for entry in self._entries(node, "synonyms", MOST_COMPANIES, "Keep the companies that write to you."):
            entries = self._entries(entry, "A line of synonyms", MOST_NAMES, "Keep the names that people use.")
            names = tuple(self.text(each, "A name") for each in entries)
            if len({company_key(name) for name in names}) < 2 and isinstance(entry.value, list):  # noqa: PLR2004
                remedy = "Write it like - [IBM, International Business Machines]."
                self.fault(entry, "A line of synonyms needs two names of one company.", remedy)
            for name, at in zip(names, entries, strict=True):
                if seen.setdefault(company_key(name), len(found)) != len(found):
                    self.fault(at, f"“{name}” stands in two lines.", "Make one line of them: each is one company.")
            found.append(names)
        return tuple(found)

    def _acquired(self, node: Node) -> tuple[Acquisition, ...]:
        entries = self._entries(node, "acquired", MOST_COMPANIES, "Keep the companies that write to you.")
        return tuple(one for one in map(self._acquisition, entries) if one)

    def _acquisition(self, node: Node) -> Acquisition | None:
        fields = self.fields(node, ("company", "by")) if isinstance(node, MappingNode) else {}
        if len(fields) != 2:  # noqa: PLR2004 - the bought and the buyer
            self.fault(node, "This does not say who bought whom.", "Write it like - {company: Red Hat, by: IBM}.")
            return None
        found = Acquisition(self.text(fields["company"][1], "company"), self.text(fields["by"][1], "by"))
        if found.company and company_key(found.company) == company_key(found.by):
            self.fault(node, f"“{found.company}” cannot have bought itself.", "Other names belong under synonyms.")
        return found

    def _free_mail(self, node: Node) -> frozenset[str]:
        entries = self._entries(node, "own free mail", MOST_FREE_MAIL, "Tell us of them: all customers need them.")
        return frozenset(filter(None, (normalize.domain(self._host(entry)) for entry in entries)))

    def _host(self, node: Node) -> str:
        text = self.text(node, "A domain")
        if text and not normalize.domain(text):
            self.fault(node, f"“{text}” is not a domain.", "Write it like mail.example.com.")
        return text
