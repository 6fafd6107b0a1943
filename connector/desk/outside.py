"""What an examination asks of others: what time they have, whether Sentry takes what we send, who answers for us.

Nothing of ours is sent: an empty envelope to Sentry, and requests without a body to the rest.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import redis
import requests
from sentry_sdk.utils import BadDsn, Dsn
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from connector.desk.findings import Finding
from connector.services import Services
from connector.settings import Settings

SECONDS = 5.0
"""How long each of them may take: an operator waits."""
SKEW = timedelta(seconds=5)
"""More than this between two clocks is told: answers of a CRM tell whole seconds, and a call takes up to one or two."""
BAD_SKEW = timedelta(seconds=30)
"""A lease of the default length is then over before it was taken, or taken twice."""
EXPIRES = timedelta(days=14)
PROCESS_UP = re.compile(r'\s*\{"process":\s*"up"\}\s*')
"""What /health/live of ours answers."""
OK, UNAUTHORIZED, FORBIDDEN, TOO_MANY = 200, 401, 403, 429
HTTPS = 443


def clocks(services: Services) -> Iterator[Finding]:
    """Compare this machine's clock with the database's, Redis' and each CRM's."""
    for name, theirs in _others(services):
        skew = abs(theirs - services.clock())
        text = f"This machine and {name} differ by {skew.total_seconds():.0f} s."
        if skew > SKEW:
            hint = "Have a time service (NTP) set the clocks of all machines; leases and signatures go by them."
            yield Finding("time", "problem" if skew > BAD_SKEW else "warning", text, hint, "Time")
        else:
            yield Finding("time", "ok", text)


def _others(services: Services) -> Iterator[tuple[str, datetime]]:
    """Yield who has a clock, and what it says now; who does not answer is told of elsewhere."""
    if services.database.engine.dialect.name == "postgresql":
        try:
            with services.database.read() as connection:
                yield "the database", connection.execute(select(func.clock_timestamp())).scalar_one()
        except SQLAlchemyError:
            pass
    try:
        seconds, micros = services.redis.time()
        yield "Redis", datetime.fromtimestamp(seconds + micros / 1_000_000, UTC)
    except redis.RedisError:
        pass
    settings = services.settings
    addresses = {"salesforce": settings.salesforce_login_url, "hubspot": settings.hubspot_api_url}
    for crm in settings.crms:
        try:
            ca: str | bool = (
                str(settings.salesforce_ca_file) if crm == "salesforce" and settings.salesforce_ca_file else True
            )
            answer = requests.head(addresses[crm], timeout=SECONDS, verify=ca, allow_redirects=False)
            yield {"salesforce": "Salesforce", "hubspot": "HubSpot"}[crm], parsedate_to_datetime(answer.headers["Date"])
        except (requests.RequestException, KeyError, ValueError):
            continue


def sentry(settings: Settings) -> Iterator[Finding]:
    """Whether Sentry takes what we send, where it is configured: an empty envelope has it look at the key."""
    given = settings.sentry_dsn.get_secret_value() if settings.sentry_dsn else ""
    if not given:
        yield Finding("sentry", "ok", "It is not configured: faults stand in the log alone.")
        return
    try:
        dsn = Dsn(given)
        address = f"{dsn.scheme}://{dsn.netloc}{dsn.path}api/{dsn.project_id}/envelope/"
        key = {"X-Sentry-Auth": f"Sentry sentry_version=7, sentry_key={dsn.public_key}"}
        status = requests.post(address, data=b"{}\n", headers=key, timeout=SECONDS, allow_redirects=False).status_code
    except BadDsn:
        yield Finding(
            "sentry", "problem", "SENTRY_DSN is no address.", "Copy it from the project's settings.", "Sentry"
        )
        return
    except requests.RequestException as error:
        hint = "See that this machine may reach the address in SENTRY_DSN; nothing else suffers from it."
        yield Finding("sentry", "warning", f"It does not answer ({type(error).__name__}).", hint, "Sentry")
        return
    if status in {UNAUTHORIZED, FORBIDDEN}:
        hint = "Copy SENTRY_DSN anew from the project's settings."
        yield Finding("sentry", "problem", f"It refuses our key ({status}).", hint, "Sentry")
    elif status in {OK, TOO_MANY}:
        yield Finding("sentry", "ok", f"It answers, as environment {settings.sentry_environment}.")
    else:
        hint = "It takes nothing now: see its status page, or the address in SENTRY_DSN."
        yield Finding("sentry", "warning", f"It answers {status}.", hint, "Sentry")


def public(settings: Settings) -> Iterator[Finding]:
    """Whether a web process of ours answers at PUBLIC_URL, and how long its certificate is good."""
    try:
        answer = requests.get(f"{settings.public_url}/health/live", timeout=SECONDS, allow_redirects=False)
        ours = answer.status_code == OK and PROCESS_UP.fullmatch(answer.text) is not None
    except requests.exceptions.SSLError:
        hint = "Renew the certificate on the proxy, or add what its chain lacks: HubSpot delivers nothing until then."
        yield Finding("public address", "problem", "Its certificate is not trusted.", hint, "PublicAddress")
        return
    except requests.RequestException as error:
        ours, said = False, f"Nobody answers there ({type(error).__name__})."
    else:
        said = f"What answers there is not Switchyard ({answer.status_code})."
    if not ours:
        hint = "Start `switchyard web`, see the proxy in front of it, and PUBLIC_URL."
        yield Finding("public address", "problem", said, hint, "PublicAddress")
        return
    yield Finding("public address", "ok", f"{settings.public_url} answers.")
    if settings.secure_cookies:
        yield from _certificate(settings.public_url)


def _certificate(url: str) -> Iterator[Finding]:
    place = urlsplit(url)
    try:
        with (
            socket.create_connection((place.hostname or "", place.port or HTTPS), timeout=SECONDS) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=place.hostname) as sealed,
        ):
            found = sealed.getpeercert() or {}
    except OSError:
        return  # it answered a moment ago: whatever stands before us here (a proxy) is not to be looked through
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(found["notAfter"])), UTC)
    text = f"Its certificate is good until {ends:%Y-%m-%d}."
    if ends - datetime.now(UTC) < EXPIRES:
        yield Finding("public address", "warning", text, "Renew it on the proxy.", "PublicAddress")
    else:
        yield Finding("public address", "ok", text)
