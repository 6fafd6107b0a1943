"""The evidence for an account: which clue tells what each part of the model's sum came from, and how much it gave.

The weights are log-odds and add up exactly: confidence = logistic(sum of all). ``before`` is what an account of a
shortlist is worth before anything is known of it, ``rest`` what was too small to be told one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rules import clues, forest
from rules.clues import Clue, Pair
from rules.model import Evidence
from rules.words import say, showable

if TYPE_CHECKING:
    from rules.ranking import Ranked

TOLD = 0.05
"""Evidence of less weight (log-odds) is not told by itself."""

CLUES: Mapping[str, tuple[Clue, ...]] = {
    "domain": (
        clues.same_host, clues.same_domain, clues.colleagues_domain, clues.same_label, clues.other_domain,
        clues.free_mail_domain, clues.no_domain,
    ),
    "sharing": (clues.shared_domain, clues.only_domain),
    "name": (
        clues.same_name, clues.same_words, clues.initials, clues.part_of_name, clues.similar_name,
        clues.words_in_common, clues.other_name, clues.no_name,
    ),
    "rarity": (clues.rare_name, clues.common_name),
    "body": (clues.other_kind, clues.same_kind),
    "spelling": (clues.domain_spells_name, clues.word_in_domain),
    "phone": (clues.same_phone, clues.same_phone_block, clues.same_phone_area, clues.other_phone),
    "city": (clues.same_city, clues.other_city),
    "city in name": (clues.city_in_name,),
    "state": (clues.same_state, clues.other_state),
    "country": (clues.same_country, clues.other_country),
    "family": (clues.parent_of_rival, clues.child_of_rival, clues.has_parent),
    "rivals": (clues.no_rival, clues.near_rival, clues.likelier_rival),
}  # fmt: skip
"""For each kind of evidence the clues that may tell what it came from; the first that applies does."""


def tell(ranked: Ranked) -> tuple[Evidence, ...]:
    """Return the evidence for one account of a ranking; the weights add up to its score."""
    beside = forest.load().beside
    rival = max((each for each in ranked.others), key=lambda other: other.alone, default=None)
    pair = Pair(
        lead=ranked.lead or ranked.profile,
        account=ranked.profile,
        measured=dict(zip(beside.features, ranked.beside, strict=True)),
        contacts=ranked.contacts,
        rival=rival.profile if rival else None,
        ahead=ranked.alone - rival.alone if rival else 0.0,
    )
    found: list[Evidence] = []
    rest = 0.0
    for (kind, _), weight in zip(forest.KINDS, beside.gave(ranked.beside), strict=True):
        told = clues.told(CLUES[kind], pair) if abs(weight) >= TOLD else None
        if told is None:
            rest += weight
        else:
            found.append(_evidence(*told, weight))
    before = ranked.score - rest - sum(clue.weight for clue in found)
    if abs(rest) >= TOLD:
        found.append(Evidence("rest", say("evidence.rest"), round(rest, 6)))
    else:
        before += rest
    return (*found, Evidence("before", say("evidence.before"), round(before, 6)))


def _evidence(clue: Clue, values: Mapping[str, object], weight: float) -> Evidence:
    sentence = (clue.__doc__ or clue.__name__).splitlines()[0]
    told = {name: showable(str(value)) for name, value in values.items()}
    return Evidence(clue.__name__, sentence.format(**told), round(weight, 6))
