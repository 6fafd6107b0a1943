"""Consent and opt-outs: what no policy may choose, because a merge must lose neither."""

from __future__ import annotations

from collections.abc import Sequence

from rules.clauses import compare
from rules.merging.policy import MergePolicy, own_name
from rules.model import Value
from rules.times import moments

__all__ = [
    "LEGAL_BASIS",
    "PRIVACY_RECORD",
    "all_bases",
    "contradict",
    "is_consent",
    "is_opt_out",
    "is_strict",
    "stricter_answer",
]

_OPT_OUTS = frozenset(
    {
        "hasoptedoutofemail", "hasoptedoutoffax", "donotcall", "personhasoptedoutofemail", "personhasoptedoutoffax",
        "persondonotcall", "email_opt_out", "fax_opt_out", "do_not_call", "do_not_fax", "do_not_mail",
    }
)  # fmt: skip
"""Salesforce's own fields of Lead, Contact and person accounts, and how people name them."""
_BEGIN = ("hs_email_optout",)
"""HubSpot's: one for all e-mail, and one for each kind of subscription (``hs_email_optout_123``)."""
LEGAL_BASIS = "hs_legal_basis"
"""HubSpot's legal bases for processing. [U] That it holds several, with semicolons between them."""
_NO_BASIS = "not applicable"
PRIVACY_RECORD = "individualid"
"""Salesforce's lookup to the record of a person's privacy choices. [U] Which one its own merge keeps."""


def is_opt_out(name: str, policy: MergePolicy) -> bool:
    """Tell whether a field (a name as of `own_name`) says that somebody wants no more of something."""
    return name in _OPT_OUTS or name.startswith(_BEGIN) or name in map(own_name, policy.opt_outs)


def is_consent(name: str, policy: MergePolicy) -> bool:
    """Tell whether a field (a name as of `own_name`) holds a consent, as the policy says."""
    return name in map(own_name, policy.consents)


def is_strict(name: str, policy: MergePolicy) -> bool:
    """Tell whether the policy's rules have no say about a field."""
    return name == LEGAL_BASIS or is_opt_out(name, policy) or is_consent(name, policy)


def stricter_answer(values: Sequence[Value], *, opt_out: bool) -> Value:
    """Return the stricter of all answers: an opt-out wins over none, a refusal over a consent; None when there is none.

    What is neither a yes nor a no (a date, a text) counts as a yes; of several of these the first one stands.
    """
    known = [value for value in values if not compare.is_empty(value)]
    strict = [value for value in known if (compare.flag(value) is not False) is opt_out]
    return next(iter(strict or known), None)


def contradict(one: Value, other: Value) -> bool:
    """Tell whether two answers to one question of consent are not the same: a yes and a no, or two texts.

    An empty one answers nothing, and two days on which somebody agreed do not contradict each other.
    """
    if compare.is_empty(one) or compare.is_empty(other):
        return False
    flags = compare.flag(one), compare.flag(other)
    if None not in flags:
        return flags[0] != flags[1]
    dated = moments.moment(one) is not None and moments.moment(other) is not None
    return not dated and compare.folded(one) != compare.folded(other)


def all_bases(values: Sequence[Value]) -> str:
    """Return every legal basis that one of the values names, the first first; "not applicable" only when alone."""
    told = [part.strip() for value in values for part in compare.plain(value).split(";") if part.strip()]
    found = {compare.folded(part): part for part in reversed(told)}
    order = list(dict.fromkeys(map(compare.folded, told)))
    real = [each for each in order if each != _NO_BASIS]
    return ";".join(found[each] for each in real or order)
