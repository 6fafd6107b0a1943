"""The evidence for an account: which clue tells what each part of the model's sum came from, and how much it gave.

The weights are log-odds and add up exactly: confidence = logistic(sum of all). What an account is worth by itself is
told kind by kind; what it gains or loses beside the other accounts is one clue more. ``before`` is what an account of
a shortlist is worth before anything is known of it, ``rest`` what was too small to be told one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from rules.matching import clues, forest, more_clues
from rules.matching.clues import Clue, Pair
from rules.matching.profile import Profile
from rules.model import Evidence
from rules.wording import catalogue
from rules.wording.said import Said
from rules.wording.words import say, showable

if TYPE_CHECKING:
    from rules.matching.ranking import Ranked

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
    "phone": (more_clues.same_phone, more_clues.same_phone_block, more_clues.same_phone_area, more_clues.other_phone),
    "city": (more_clues.same_city, more_clues.other_city),
    "city in name": (more_clues.city_in_name,),
    "state": (more_clues.same_state, more_clues.other_state),
    "country": (more_clues.same_country, more_clues.other_country),
    "family": (more_clues.parent_of_rival, more_clues.child_of_rival, more_clues.has_parent),
}  # fmt: skip
"""For each kind of evidence the clues that may tell what it came from; the first that applies does."""
BESIDE: tuple[Clue, ...] = (more_clues.no_rival, more_clues.caution, more_clues.near_rival, more_clues.likelier_rival)
"""The clues that may tell how an account stands beside the others."""


_FOR = frozenset({clues.rare_name, clues.only_domain})
_AGAINST = frozenset({clues.common_name})
"""Clues that only tell why something speaks for an account, and against it."""


_FITTING = {
    speaks_for: {
        kind: tuple(clue for clue in possible if clue not in (_AGAINST if speaks_for else _FOR))
        for kind, possible in CLUES.items()
    }
    for speaks_for in (True, False)
}


FIXED: Mapping[Callable[[Profile, Profile], clues.Values], float] = {
    more_clues.same_industry: 0.3,
    more_clues.other_numbers: -2.5,
}
"""Clues that the data we learn from does not have or hardly has: their weights are set by hand."""

SENTENCES = {
    clue: (clue.__doc__ or clue.__name__).splitlines()[0]
    for clue in (*(clue for possible in CLUES.values() for clue in possible), *BESIDE, *FIXED)
}


_NAMED = {clue: (clue.__name__, f"clue.{clue.__name__}", english) for clue, english in SENTENCES.items()}
"""The name of each clue, and its sentence's id and English text."""


def fixed(lead: Profile, account: Profile) -> tuple[Evidence, ...]:
    """Return the evidence with weights that are set by hand."""
    heard = [(clue, clue(lead, account), weight) for clue, weight in FIXED.items()]
    return tuple([_evidence(clue, values, weight) for clue, values, weight in heard if values is not None])


def tell(ranked: Ranked) -> tuple[Evidence, ...]:
    """Return the evidence for one account of a ranking; the weights add up to its score."""
    alone, beside = forest.load().alone, forest.load().beside
    rival = max(ranked.others, key=lambda other: other.alone, default=None)
    pair = Pair(
        lead=ranked.lead or ranked.profile,
        account=ranked.profile,
        measured=dict(zip(beside.features, ranked.beside, strict=True)),
        contacts=ranked.contacts,
        rival=rival.profile if rival else None,
        ahead=ranked.alone - rival.alone if rival else 0.0,
        gained=ranked.score - ranked.alone,
    )
    found = [Evidence("alias", ranked.alias, 0.0)] if ranked.alias else []
    rest = 0.0
    for (kind, _), weight in zip(forest.KINDS, alone.gave(ranked.measured), strict=True):
        told = clues.told(_FITTING[weight > 0][kind], pair) if abs(weight) >= TOLD else None
        if told is None:
            rest += weight
        else:
            found.append(_evidence(*told, weight))
    if abs(pair.gained) >= TOLD and (told := clues.told(BESIDE, pair)):
        found.append(_evidence(*told, pair.gained))
    if abs(rest) >= TOLD:
        found.append(Evidence("rest", say("evidence.rest"), round(rest, 6)))
    found += fixed(pair.lead, pair.account) if ranked.fixed else ()
    before = ranked.score - sum([clue.weight for clue in found])
    return (*found, Evidence("before", say("evidence.before"), round(before, 6)))


def _evidence(clue: Callable[..., object], values: Mapping[str, object], weight: float) -> Evidence:
    kind, sentence, english = _NAMED[clue]
    told = {name: value if isinstance(value, Said) else showable(str(value)) for name, value in values.items()}
    text = Said(catalogue.template(sentence, english).format(**told), sentence, told)
    return Evidence(kind, text, round(weight, 6))
