"""Where a page of an install may be framed: in its own CRM, and nowhere else.

In the frame nobody is signed in, for the session's cookie goes along only where the page itself is ours
(``SameSite=Lax``). So what stands in a frame is a link that opens the page in a window of its own.
"""

from __future__ import annotations

import re

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from connector.store.installs import Install

MY_DOMAIN, LIGHTNING = ".my.salesforce.com", ".lightning.force.com"
_ORIGIN = re.compile(r"https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?", re.ASCII)
"""What may stand in a header; anything else that a CRM called its address is no origin for us."""


def origins(install: Install) -> tuple[str, ...]:
    """Return the origins of an install's CRM: the org's own host and its Lightning host, or the portal's app host."""
    found = [install.base_url.lower().rstrip("/")]
    if install.crm == "salesforce" and found[0].endswith(MY_DOMAIN):
        found.append(found[0].removesuffix(MY_DOMAIN) + LIGHTNING)
    return tuple(each for each in found if _ORIGIN.fullmatch(each))


def allow(install: Install) -> None:
    """Let the answer to this request be framed by the CRM of an install, which is the asker's own."""
    g.framers = origins(install)


def allowed() -> tuple[str, ...]:
    """Return who may frame the answer to this request; nobody unless :func:`allow` was called."""
    found: tuple[str, ...] = g.get("framers", ())
    return found


def asks_for_frame() -> bool:
    """Whether a browser asks for this page to show it in a frame."""
    return request.headers.get("Sec-Fetch-Dest") in {"iframe", "frame"}


def door(install: Install | None) -> ResponseReturnValue:
    """Answer with the link that opens the page in a window of its own.

    Its header names the hosts of the install's CRM. Whoever asks knows its id already, which nobody can guess.
    """
    if install is not None:
        allow(install)
    return render_template("framed.html", address=request.full_path.rstrip("?"))
