"""The signatures of webhooks: those of HubSpot's documentation are taken, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.hubspot.signatures import BadSignature, verify, verify_v2

SECRET = "f6e94c08-85d0-4608-bcc6-e1850176e7b8"
STAMP = "1632188626483"
SENT = datetime.fromtimestamp(int(STAMP) / 1000, UTC)
URL = "https://www.hubspot.com/webhook"


def sign(uri: str, body: bytes = b"[]", *, method: str = "POST", secret: str = SECRET) -> str:
    signed = f"{method}{uri}".encode() + body + STAMP.encode()
    return base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()


def check(**changes: Any) -> None:
    """Verify a good delivery with something changed."""
    good: dict[str, Any] = {
        "method": "POST",
        "url": URL,
        "body": b"REQUEST_BODY",
        "signature": "jf872r5vscVcxCiDRHA4rGrqe/8BPLNVkdJSHdMnGTU=",
        "timestamp": STAMP,
        "secrets": [SECRET],
        "now": SENT,
    }
    verify(**(good | changes))


def test_hubspots_own_vectors_are_accepted() -> None:
    check()
    check(body=b"", signature="csXgk7UbrE9F8ZmMvbpuKBxqIvTSqU1EX9pI/SJtxSE=")


@pytest.mark.parametrize(
    "changes",
    [
        {"body": b"REQUEST_BODX"},
        {"url": URL + "?a=1"},
        {"method": "PUT"},
        {"secrets": ["another"]},
        {"secrets": [""]},
        {"signature": None},
        {"signature": ""},
        {"signature": "jf872r5vscVcxCiDRHA4rGrqe/8BPLNVkdJSHdMnGTU=,jf872r5vscVcxCiDRHA4rGrqe/8BPLNVkdJSHdMnGTU="},
        {"signature": "sïgnature"},
        {"signature": "\udcff\udcfe"},
        {"timestamp": None},
        {"timestamp": ""},
        {"timestamp": "yesterday"},
        {"timestamp": f"{STAMP},{STAMP}"},
        {"timestamp": "-" + STAMP},
        {"timestamp": "١٦٣٢١٨٨٦٢٦٤٨٣"},
        {"timestamp": "9" * 5000},
        {"timestamp": STAMP + ".0"},
        {"now": SENT + timedelta(minutes=5, milliseconds=1)},
        {"now": SENT - timedelta(minutes=5, milliseconds=1)},
    ],
)
def test_anything_else_is_a_bad_signature(changes: dict[str, Any]) -> None:
    with pytest.raises(BadSignature):
        check(**changes)


def test_five_minutes_either_way_are_allowed() -> None:
    check(now=SENT + timedelta(minutes=5))
    check(now=SENT - timedelta(minutes=5))


@pytest.mark.parametrize(
    ("called", "signed"),
    [
        ("/x?u=a%40b.com", "/x?u=a@b.com"),
        ("/x?u=a%3ab%2fc%3Fd", "/x?u=a:b/c?d"),
        ("/x?u=%21%24%27%28%29%2A%2C%3B", "/x?u=!$'()*,;"),
        ("/x?u=a%20b%26c%3Dd%25", "/x?u=a%20b%26c%3Dd%25"),
        ("/x?u=%2540", "/x?u=%2540"),
        ("/x?u=é", "/x?u=é"),
    ],
)
def test_only_the_documented_codes_of_the_url_are_decoded(called: str, signed: str) -> None:
    host = "https://route.acme.com"
    check(url=host + called, body=b"[]", signature=sign(host + signed))


def test_the_documented_vector_of_signature_v2_is_accepted_and_another_body_is_not() -> None:
    """From HubSpot's page "v2 request validation"."""
    said: dict[str, Any] = {
        "method": "GET",
        "url": "https://www.example.com/webhook_uri",
        "signature": "eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e",
        "secrets": ["new", "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"],
    }
    verify_v2(**said, body=b"")
    for wrong in ({"body": b"x"}, {"body": b"", "secrets": [""]}, {"body": b"", "signature": "é"}):
        with pytest.raises(BadSignature):
            verify_v2(**(said | wrong))
