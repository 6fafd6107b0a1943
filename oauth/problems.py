"""What the person at the browser reads when an install or a sign-in cannot go on: what happened, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from flask_babel import lazy_gettext as _l

from connector.crm import CrmName
from oauth.answers import Refusal

Trouble: TypeAlias = Refusal | Literal["foreign_state", "expired", "busy", "untyped", "not_listed"]

BAD_REQUEST, FORBIDDEN, UNAVAILABLE = 400, 403, 503
NAMES: dict[CrmName, str] = {"salesforce": "Salesforce", "hubspot": "HubSpot"}


@dataclass(eq=False)
class Problem(Exception):  # noqa: N818 - a page, not a fault
    """One page: `status` is its HTTP status. No field holds what a CRM or a browser sent."""

    title: str
    message: str
    remedy: str
    status: int


_PAGES: dict[Trouble, tuple[int, Any, Any, Any]] = {
    "foreign_state": (
        BAD_REQUEST,
        _l("This did not start here"),
        _l("The answer from %(crm)s belongs to nothing that was started in this browser, or it was used before."),
        _l("Start again from the front page, in one browser tab, with cookies allowed."),
    ),
    "expired": (
        BAD_REQUEST,
        _l("That took too long"),
        _l("An install or sign-in must be finished within ten minutes."),
        _l("Start again from the front page."),
    ),
    "stale": (
        BAD_REQUEST,
        _l("%(crm)s did not accept the sign-in"),
        _l("The code that %(crm)s gave had run out or was used before."),
        _l("Start again from the front page, and do not use the browser's back button on the way."),
    ),
    "denied": (
        FORBIDDEN,
        _l("Access was not granted"),
        _l("%(crm)s reports that access was denied."),
        _l("Start again and choose Allow. If you may not allow apps, ask an administrator of your %(crm)s to do it."),
    ),
    "uninstalled": (
        FORBIDDEN,
        _l("Install the package first"),
        _l("%(crm)s lets nobody authorise an app whose package is not installed."),
        _l(
            "Install the Switchyard package from its listing, then connect again. In an org where it is "
            "installed, check in Setup > External Client App Manager that it is enabled."
        ),
    ),
    "unapproved": (
        FORBIDDEN,
        _l("You are not approved for this app"),
        _l("In your %(crm)s only approved users may use this app."),
        _l(
            "An administrator can approve you: Setup > External Client App Manager > Switchyard > Policies, or "
            "the permission set Switchyard Admin."
        ),
    ),
    "ip": (
        FORBIDDEN,
        _l("%(crm)s blocked the address"),
        _l("An IP restriction or login hours of your %(crm)s did not let the connection in."),
        _l(
            "An administrator can relax it: Setup > External Client App Manager > Switchyard > Policies > IP "
            "Relaxation, or add our addresses to the trusted IP ranges."
        ),
    ),
    "api": (
        FORBIDDEN,
        _l("The API is switched off"),
        _l("Your %(crm)s edition, or your profile, has no API access."),
        _l("Use an edition with API access, and give your user the permission API Enabled."),
    ),
    "not_admin": (
        FORBIDDEN,
        _l("This needs an administrator"),
        _l("Your %(crm)s user may not administer %(crm)s."),
        _l(
            "Sign in as a user with Customize Application or Modify All Data, or ask such a colleague to do it. To see "
            "your own leads, choose Sign in once your %(crm)s is connected."
        ),
    ),
    "not_listed": (
        FORBIDDEN,
        _l("You are not in the list of users"),
        _l("Your %(crm)s is connected, but you are not among its active users who can own leads."),
        _l("Whoever was added just now can sign in ten minutes later. Else ask an administrator of your %(crm)s."),
    ),
    "unknown_install": (
        FORBIDDEN,
        _l("Not connected yet"),
        _l("Switchyard is not connected to the %(crm)s account you signed in to."),
        _l("Connect it first from the front page, or sign in to the account that is connected."),
    ),
    "host": (
        BAD_REQUEST,
        _l("That is not a Salesforce address"),
        _l("Only Salesforce's own hosts are contacted."),
        _l(
            "Enter your My Domain, such as acme.my.salesforce.com or acme--uat.sandbox.my.salesforce.com. Setup "
            "> My Domain shows it."
        ),
    ),
    "untyped": (
        BAD_REQUEST,
        _l("Type the address yourself"),
        _l(
            "A link may not choose the %(crm)s address where you sign in, and a page with such a choice serves "
            "ten minutes."
        ),
        _l("Open the front page, type your My Domain there and go on from the page that follows."),
    ),
    "configuration": (
        BAD_REQUEST,
        _l("%(crm)s refused the request"),
        _l("%(crm)s did not accept our app as it is set up."),
        _l(
            "This is for whoever runs Switchyard: `switchyard check` tells what is wrong with the client id, "
            "secret or callback address."
        ),
    ),
    "busy": (
        UNAVAILABLE,
        _l("%(crm)s does not answer"),
        _l("%(crm)s could not be reached, or is busy."),
        _l("Nothing was changed. Try again in a few minutes."),
    ),
}


def problem(trouble: Trouble, crm: CrmName) -> Problem:
    """Return the page for a trouble with a CRM, in the language of the request that is answered."""
    status, *texts = _PAGES[trouble]
    title, message, remedy = (str(text) % {"crm": NAMES[crm]} for text in texts)
    return Problem(title, message, remedy, status)
