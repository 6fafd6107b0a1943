"""Which addresses may be Salesforce; every other would let a stranger choose whom we send our secret to."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from connector.settings import load
from oauth import hosts
from oauth.answers import NotGranted

SETTINGS = load(
    {
        "PUBLIC_URL": "https://route.acme.com",
        "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "SESSION_SECRET": "x" * 32,
        "SALESFORCE_CLIENT_ID": "3MVG9",
        "SALESFORCE_CLIENT_SECRET": "secret",
        "SALESFORCE_EXTRA_HOSTS": "127.0.0.1:18443, sf.local:8443",
    }
)
ORG, USER = "00D3z000002qVXWEA2", "0053z00000CwFwTAAV"


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        (" ACME.my.salesforce.com ", "https://acme.my.salesforce.com"),
        ("https://acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        ("https://acme.my.salesforce.com/", "https://acme.my.salesforce.com"),
        ("acme--uat.sandbox.my.salesforce.com", "https://acme--uat.sandbox.my.salesforce.com"),
        ("acme-dev-ed.develop.my.salesforce.com", "https://acme-dev-ed.develop.my.salesforce.com"),
        ("127.0.0.1:18443", "https://127.0.0.1:18443"),
        ("sf.local:8443", "https://sf.local:8443"),
    ],
)
def test_salesforce_hosts_are_accepted(typed: str, origin: str) -> None:
    assert hosts.login("custom", typed, SETTINGS) == origin


FOREIGN = [
    "",
    "evil.com",
    "my.salesforce.com",
    ".my.salesforce.com",
    "-.my.salesforce.com",
    "acme-.my.salesforce.com",
    "acme..my.salesforce.com",
    "a.b.c.my.salesforce.com",
    "acme.my.salesforce.com.evil.com",
    "acme.my.salesforce.com.",
    "evil.com#acme.my.salesforce.com",
    "evil.com/acme.my.salesforce.com",
    "evil.com\\.my.salesforce.com",
    "evil.com?.my.salesforce.com",
    "user@acme.my.salesforce.com",
    "acme.my.salesforce.com@evil.com",
    "user:pass@acme.my.salesforce.com",
    "acme.my.salesforce.com:443",
    "acme.my.salesforce.com:8080",
    "acme.my.salesforce.com/services",
    "acme.my.salesforce.com//",
    "acme.my.salesforce.com?x=1",
    "acme.my.salesforce.com\n",
    "acme.my.salesforce.com\r\nHost: evil.com",
    "ac me.my.salesforce.com",
    "acme%2emy.salesforce.com",
    "acme%00.my.salesforce.com",
    "acme_x.my.salesforce.com",
    "http://acme.my.salesforce.com",
    "ftp://acme.my.salesforce.com",
    "https://https://acme.my.salesforce.com",
    "//acme.my.salesforce.com",
    "evilmy.salesforce.com",
    "acme.my.salesforce.com.",
    "acme.my.salesforce\u3002com",  # an ideographic full stop, which IDNA folds to a dot
    "acme.\uff4dy.salesforce.com",  # a full-width m
    "acme.my.\u0455alesforce.com",  # Cyrillic dze
    "acme.my.\u017falesforce.com",  # a long s, which upper() folds
    "\u212ay.my.salesforce.com",  # Kelvin sign, which lower() folds to k
    "localhost",
    "127.0.0.1",
    "127.0.0.1:18444",
    "[::1]:18443",
    "169.254.169.254",
    "0x7f000001",
    "sf.local",
    "sf.local:8443.evil.com",
    f"{'a' * 64}.my.salesforce.com",
    "login.salesforce.com.evil.com",
]


@pytest.mark.parametrize("typed", FOREIGN)
def test_every_other_host_is_refused(typed: str) -> None:
    with pytest.raises(NotGranted) as refused:
        hosts.login("custom", typed, SETTINGS)
    assert refused.value.kind == "host"


@pytest.mark.parametrize("host", [host for host in FOREIGN if host])
def test_an_answer_that_names_another_host_is_refused(host: str) -> None:
    for url in (f"https://{host}", host):
        with pytest.raises(NotGranted):
            hosts.origin(url, SETTINGS)
    with pytest.raises(NotGranted):
        hosts.identity_parts(f"https://{host}/id/{ORG}/{USER}", SETTINGS)


def test_the_login_hosts_come_from_the_settings() -> None:
    assert hosts.login("production", "evil.com", SETTINGS) == "https://login.salesforce.com"
    assert hosts.login("sandbox", "evil.com", SETTINGS) == "https://test.salesforce.com"


def test_an_identity_url_gives_its_path_and_ids() -> None:
    url = f"https://login.salesforce.com/id/{ORG}/{USER}"
    assert hosts.identity_parts(url, SETTINGS) == (f"/id/{ORG}/{USER}", ORG[:15], USER[:15])


@pytest.mark.parametrize(
    "url",
    [
        f"https://login.salesforce.com/id/{ORG}/{USER}/..",
        f"https://login.salesforce.com/id/{ORG}/{USER}?x=1",
        f"https://login.salesforce.com/id/{USER}/{ORG}",
        f"https://login.salesforce.com/services/id/{ORG}/{USER}",
        f"http://login.salesforce.com/id/{ORG}/{USER}",
        "https://login.salesforce.com/id/00D/005",
        "",
    ],
)
def test_an_identity_url_of_another_shape_is_refused(url: str) -> None:
    with pytest.raises(NotGranted):
        hosts.identity_parts(url, SETTINGS)
