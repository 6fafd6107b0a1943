"""Keys of people: by which records that may be one person are found."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import dedupe, normalize
from rules.model import Record

WORDS = st.text(st.sampled_from("ab@.-é_ +1中"), max_size=12)


@pytest.mark.parametrize("domain", sorted(normalize.SHARED_SITES)[:3])
def test_an_address_at_a_site_that_many_share_has_its_keys(domain: str) -> None:
    found = dedupe.keys(Record("lead", "1", {"email": f"ana@{domain}"}))
    assert f"email:ana@{domain}" in found


@settings(max_examples=200, deadline=None)
@given(
    st.fixed_dictionaries(
        {}, optional={"email": WORDS, "name": WORDS, "company": WORDS, "website": WORDS, "phone": WORDS}
    )
)
def test_whatever_is_written_has_keys_each_once(fields: dict[str, str]) -> None:
    found = dedupe.keys(Record("lead", "1", dict(fields)))
    assert len(set(found)) == len(found)
    assert all(":" in key for key in found)
