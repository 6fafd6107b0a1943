"""What the person at the browser reads when an install or a sign-in cannot go on: what happened, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

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


_PAGES: dict[Trouble, tuple[int, str, str, str]] = {
    "foreign_state": (
        BAD_REQUEST,
        "This did not start here",
        "The answer from {crm} belongs to nothing that was started in this browser, or it was used before.",
        "Start again from the front page, in one browser tab, with cookies allowed.",
    ),
    "expired": (
        BAD_REQUEST,
        "That took too long",
        "An install or sign-in must be finished within ten minutes.",
        "Start again from the front page.",
    ),
    "stale": (
        BAD_REQUEST,
        "{crm} did not accept the sign-in",
        "The code that {crm} gave had run out or was used before.",
        "Start again from the front page, and do not use the browser's back button on the way.",
    ),
    "denied": (
        FORBIDDEN,
        "Access was not granted",
        "{crm} reports that access was denied.",
        "Start again and choose Allow. If you may not allow apps, ask an administrator of your {crm} to do it.",
    ),
    "uninstalled": (
        FORBIDDEN,
        "Install the package first",
        "{crm} lets nobody authorise an app whose package is not installed.",
        (
            "Install the Switchyard package from its listing, then connect again. In an org where it is "
            "installed, check in Setup > External Client App Manager that it is enabled."
        ),
    ),
    "unapproved": (
        FORBIDDEN,
        "You are not approved for this app",
        "In your {crm} only approved users may use this app.",
        (
            "An administrator can approve you: Setup > External Client App Manager > Switchyard > Policies, or "
            "the permission set Switchyard Admin."
        ),
    ),
    "ip": (
        FORBIDDEN,
        "{crm} blocked the address",
        "An IP restriction or login hours of your {crm} did not let the connection in.",
        (
            "An administrator can relax it: Setup > External Client App Manager > Switchyard > Policies > IP "
            "Relaxation, or add our addresses to the trusted IP ranges."
        ),
    ),
    "api": (
        FORBIDDEN,
        "The API is switched off",
        "Your {crm} edition, or your profile, has no API access.",
        "Use an edition with API access, and give your user the permission API Enabled.",
    ),
    "not_admin": (
        FORBIDDEN,
        "This needs an administrator",
        "Your {crm} user may not administer {crm}.",
        (
            "Sign in as a user with Customize Application or Modify All Data, or ask such a colleague to do it. To see "
            "your own leads, choose Sign in once your {crm} is connected."
        ),
    ),
    "not_listed": (
        FORBIDDEN,
        "You are not in the list of users",
        "Your {crm} is connected, but you are not among its active users who can own leads.",
        "Whoever was added just now can sign in ten minutes later. Else ask an administrator of your {crm}.",
    ),
    "unknown_install": (
        FORBIDDEN,
        "Not connected yet",
        "Switchyard is not connected to the {crm} account you signed in to.",
        "Connect it first from the front page, or sign in to the account that is connected.",
    ),
    "host": (
        BAD_REQUEST,
        "That is not a Salesforce address",
        "Only Salesforce's own hosts are contacted.",
        (
            "Enter your My Domain, such as acme.my.salesforce.com or acme--uat.sandbox.my.salesforce.com. Setup "
            "> My Domain shows it."
        ),
    ),
    "untyped": (
        BAD_REQUEST,
        "Type the address yourself",
        "A link may not choose the {crm} address where you sign in, and a page with such a choice serves ten minutes.",
        "Open the front page, type your My Domain there and go on from the page that follows.",
    ),
    "configuration": (
        BAD_REQUEST,
        "{crm} refused the request",
        "{crm} did not accept our app as it is set up.",
        (
            "This is for whoever runs Switchyard: `switchyard check` tells what is wrong with the client id, "
            "secret or callback address."
        ),
    ),
    "busy": (
        UNAVAILABLE,
        "{crm} does not answer",
        "{crm} could not be reached, or is busy.",
        "Nothing was changed. Try again in a few minutes.",
    ),
}


def problem(trouble: Trouble, crm: CrmName) -> Problem:
    """Return the page for a trouble with a CRM."""
    status, *texts = _PAGES[trouble]
    title, message, remedy = (text.format(crm=NAMES[crm]) for text in texts)
    return Problem(title, message, remedy, status)
