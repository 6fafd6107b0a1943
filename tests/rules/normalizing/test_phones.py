"""Numbers that are read at once are read as the library reads them, in every country."""

import random
from collections.abc import Iterator

import phonenumbers
import pytest

from rules import normalize
from rules.normalizing.phones import e164

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
WAYS = tuple(vars(phonenumbers.PhoneNumberFormat)[name] for name in ("E164", "INTERNATIONAL", "NATIONAL"))
DIALLED = ("0", "1", "8", "15", "01", "06", "00")
KINDS = range(11)
SLIPS = 6


def _by_library(text: str, region: str | None) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return ""
    possible = phonenumbers.is_possible_number(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if possible else ""


def _written(number: phonenumbers.PhoneNumber, dice: random.Random) -> Iterator[str]:
    """Yield a number as people write it, rightly and wrongly."""
    own, code = phonenumbers.national_significant_number(number), f"+{number.country_code}"
    yield from (phonenumbers.format_number(number, way) for way in WAYS)
    yield from (own, f"{code}(0){own}", f"{code} {own[:3]}-{own[3:]}", f"{number.country_code}{own}")
    yield from (f"{before}{own}" for before in DIALLED)
    for _ in range(SLIPS):
        place, digit = dice.randrange(len(own)), dice.choice("0123456789")
        wrong = dice.choice((own[:place] + own[place + 1 :], own[:place] + digit + own[place:], digit + own[1:]))
        yield from (wrong, f"{code}{wrong}", f"0{wrong}")


@pytest.mark.parametrize("region", REGIONS)
def test_a_plainly_written_number_is_what_the_library_says(region: str) -> None:
    dice = random.Random(region)
    examples = [found for kind in KINDS if (found := phonenumbers.example_number_for_type(region, kind))]
    assert examples
    for text in (text for each in examples for text in _written(each, dice)):
        # Zeros for abroad are dialled in most countries, and meant where a person writes them in any.
        asked = f"+{text[2:]}" if text.startswith("00") and text[2:3] != "0" else text
        assert (text, e164(text, region)) == (text, _by_library(asked, region))


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("(11) 98888-7777", "BR", "+5511988887777"),
        ("011 98888-7777", "BR", "+5511988887777"),
        ("0049 (0)30 901820", "", "+4930901820"),
        ("+39 06 6982 1234", "", "+390669821234"),
        ("1-415-555-2671", "US", "+14155552671"),
        ("415.555.2671 ext. 12", "US", "+14155552671"),
        ("+1 800 FLOWERS", "", "+18003569377"),
        ("٠٣٠ ٩٠١٨٢٠", "DE", "+4930901820"),
        ("+999 12345678", "", ""),
        ("1", "DE", ""),
        ("30 901820", "", ""),
        ("n/a", "DE", ""),
    ],
)
def test_a_number_in_any_writing(text: str, country: str, number: str) -> None:
    assert normalize.phone(text, country) == number
