from __future__ import annotations

import hashlib

import pytest

from tests.sandbox.hubspot.signature import canonical, sign_v1, sign_v2, sign_v3

SECRET = "f6e94c08-85d0-4608-bcc6-e1850176e7b8"
URL = "https://www.hubspot.com/webhook"
AT = "1632188626483"


@pytest.mark.parametrize(
    ("body", "signature"),
    [
        (b"REQUEST_BODY", "jf872r5vscVcxCiDRHA4rGrqe/8BPLNVkdJSHdMnGTU="),
        (b"", "csXgk7UbrE9F8ZmMvbpuKBxqIvTSqU1EX9pI/SJtxSE="),
    ],
)
def test_v3_signatures_equal_the_official_vectors(body: bytes, signature: str) -> None:
    assert sign_v3(SECRET, "POST", URL, body, AT) == signature


def test_only_the_documented_escapes_are_decoded_before_signing() -> None:
    assert canonical("https://a.b/c%3A%2f%40?x=%20%26%3D%2C%3B%2A") == "https://a.b/c:/@?x=%20%26%3D,;*"


def test_the_old_signatures_hash_the_secret_with_the_body_and_with_the_whole_request() -> None:
    assert sign_v1("s", b"body") == hashlib.sha256(b"sbody").hexdigest()
    assert sign_v2("s", "POST", URL, b"body") == hashlib.sha256(b"sPOSThttps://www.hubspot.com/webhookbody").hexdigest()
