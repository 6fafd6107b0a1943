"""The clues of place, telephone, family and rivals; see :mod:`rules.matching.clues`."""

from __future__ import annotations

from rules.matching import likeness
from rules.matching.clues import Pair, Values
from rules.matching.profile import Profile
from rules.wording import called

NEAR = 2.0
"""Log-odds by which the next best account must be behind not to come near."""


def same_country(pair: Pair) -> Values:
    """Both are in {country}."""
    shared = pair.lead.countries & pair.account.countries
    return {"country": called.country(min(shared))} if shared else None


def other_country(pair: Pair) -> Values:
    """The lead is in {one}, the account in {other}."""
    if not pair.lead.countries or not pair.account.countries:
        return None
    return {
        "one": called.country(min(pair.lead.countries)),
        "other": called.country(min(pair.account.countries)),
    }


def same_state(pair: Pair) -> Values:
    """Both are in {state}."""
    return {"state": pair.account.state} if pair.measured["state"] > 0 else None


def other_state(pair: Pair) -> Values:
    """The lead is in {one}, the account in {other}."""
    return {"one": pair.lead.state, "other": pair.account.state} if pair.measured["state"] < 0 else None


def same_city(pair: Pair) -> Values:
    """Both are in the city of {city}."""
    return {"city": pair.account.city.title()} if pair.measured["city"] > 0 else None


def other_city(pair: Pair) -> Values:
    """The lead is in the city of {one}, the account in {other}."""
    return {"one": pair.lead.city.title(), "other": pair.account.city.title()} if pair.measured["city"] < 0 else None


def city_in_name(pair: Pair) -> Values:
    """The city of {city} stands in the name “{name}”."""
    inside = int(pair.measured["city_in_name"])
    if inside & 1:
        return {"city": pair.lead.city.title(), "name": pair.account.name}
    return {"city": pair.account.city.title(), "name": pair.lead.name} if inside else None


def same_industry(lead: Profile, account: Profile) -> Values:
    """Both are in the industry “{industry}”."""
    return {"industry": account.industry} if account.industry and lead.industry == account.industry else None


def other_numbers(lead: Profile, account: Profile) -> Values:
    """Their names have different numbers: {one} and {other}."""
    mine = [word for word in lead.tokens if word.isdigit()]
    theirs = [word for word in account.tokens if word.isdigit()] if mine else []
    return {"one": mine[0], "other": theirs[0]} if theirs and not set(mine) & set(theirs) else None


def same_phone(pair: Pair) -> Values:
    """Both have the phone number {phone}."""
    return {"phone": pair.account.phones[0]} if pair.measured["phone"] == likeness.SAME_PHONE else None


def same_phone_block(pair: Pair) -> Values:
    """Their phone numbers differ only in the last digits: {one} and {other}."""
    return _phones(pair) if pair.measured["phone"] == likeness.SAME_BLOCK else None


def same_phone_area(pair: Pair) -> Values:
    """Their phone numbers begin alike: {one} and {other}."""
    return _phones(pair) if pair.measured["phone"] == likeness.SAME_AREA else None


def other_phone(pair: Pair) -> Values:
    """Their phone numbers differ."""
    return {} if pair.measured["phone"] < 0 else None


def parent_of_rival(pair: Pair) -> Values:
    """It is the parent of {name}."""
    return {"name": pair.rival.name} if pair.rival and pair.measured["kin"] == 1 else None


def child_of_rival(pair: Pair) -> Values:
    """It belongs to {name}."""
    return {"name": pair.rival.name} if pair.rival and pair.measured["kin"] == -1 else None


def has_parent(pair: Pair) -> Values:
    """It is part of a larger organisation."""
    return {} if pair.account.parent_id else None


def no_rival(pair: Pair) -> Values:
    """No other account comes near."""
    return {} if pair.gained > 0 and (pair.rival is None or pair.ahead > NEAR) else None


def caution(pair: Pair) -> Values:
    """No other account comes near, but what looks like this is sometimes somebody else."""
    return {} if pair.gained < 0 and (pair.rival is None or pair.ahead > NEAR) else None


def near_rival(pair: Pair) -> Values:
    """{name} comes near."""
    return {"name": pair.rival.name} if pair.rival and pair.ahead >= 0 else None


def likelier_rival(pair: Pair) -> Values:
    """{name} is likelier."""
    return {"name": pair.rival.name} if pair.rival else None


def _phones(pair: Pair) -> Values:
    return {"one": pair.lead.phones[0], "other": pair.account.phones[0]}
