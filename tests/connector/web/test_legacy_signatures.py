"""HubSpot sends its old signatures beside the new one; they say nothing about when, so they open nothing."""

from __future__ import annotations

import pytest

from tests.connector.web.kit import NOW, PUBLIC_URL, SECRET, Browser, House, batch, change
from tests.sandbox.hubspot.signature import signed_headers

PATH = "/webhooks/hubspot"
PORTAL = 247187887
BODY = batch(change(PORTAL))
VERSION_3 = "X-HubSpot-Signature-v3"


def sent(legacy: str) -> dict[str, str]:
    """All headers that HubSpot sends, with one of its old signatures."""
    stamp = round(NOW.timestamp() * 1000)
    return signed_headers(SECRET, "POST", f"{PUBLIC_URL}{PATH}", BODY, timestamp=stamp, legacy=legacy)


@pytest.mark.parametrize("legacy", ["v1", "v2"])
def test_an_old_signature_alone_opens_nothing_and_beside_the_new_one_does_no_harm(
    house: House, anyone: Browser, legacy: str
) -> None:
    house.connect("hubspot", str(PORTAL), "Acme portal")
    whole = sent(legacy)
    alone = {name: value for name, value in whole.items() if name != VERSION_3}
    moved = alone | {VERSION_3: whole["X-HubSpot-Signature"]}
    codes = [anyone.post(PATH, data=BODY, headers=headers).status_code for headers in (alone, moved, whole)]
    assert codes == [401, 401, 204]
