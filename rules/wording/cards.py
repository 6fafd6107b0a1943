"""The sentences that pages inside a CRM are answered with: cards of records, and the settings page."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    # The titles of answers that are no, by status.
    "page.title.400": "Not understood",
    "page.title.401": "Not signed by HubSpot",
    "page.title.403": "Not allowed",
    "page.title.404": "Not found",
    "page.title.409": "Not possible now",
    "page.title.413": "Too long",
    "page.title.422": "Something is wrong in the rules",
    "page.title.500": "Something went wrong",
    "page.title.503": "Not available now",
    # What can go wrong on every page.
    "page.later": "Try again in a minute.",
    "page.not stored": "Nothing was done. Try again in a minute.",
    "page.sealed": "Switchyard cannot open what it knows of this portal; its operator has to act.",
    "page.silent": "HubSpot does not answer as it should: {error}",
    "page.unknown": "Switchyard is not connected to this portal.",
    "page.withdrawn": "Switchyard is not connected to this portal any more.",
    "page.administrators": "Sign in to the console of Switchyard as an administrator of this portal, then try again.",
    # Cards.
    "card.likely.very": "very likely",
    "card.likely": "likely",
    "card.likely.possible": "possible",
    "card.likely.not": "unlikely",
    "card.contacts only": "Switchyard routes contacts only in this portal.",
    "card.leads only": "Switchyard routes leads only in this portal.",
    "card.unseen": "Switchyard has not decided about this record yet.",
    "card.coming": "Switchyard has heard of this record and will decide about it in a moment.",
    "card.forgotten": "Switchyard cannot read its older audits in HubSpot now.",
    "card.sent": "Your request was sent. It is carried out in a few seconds.",
    "card.rests": "Your request was taken down. It is carried out when Switchyard works again in this portal.",
    "card.not theirs": "Only the owner of this record or an administrator of Switchyard can ask for this.",
    "card.pending": "Somebody has asked for something on this record already. Wait until that is done.",
    "card.older": "Switchyard has decided about this record again since. Look at it once more.",
    "card.nothing": "There is nothing of this decision that could be changed in that way.",
    "card.faster": "Somebody else was faster. Look at the record once more.",
    # Settings.
    "settings.routes.not granted": "HubSpot has not granted access to the leads of this portal. With Sales Hub "
    "Professional or Enterprise, connect Switchyard again as a super admin.",
    "settings.routes.moved": "Somebody has changed what is routed meanwhile. Look at the page once more.",
    "settings.rules.elsewhere": "The rules of this portal are records in HubSpot: edit them there.",
    "settings.rules.moving": "The rules are being moved to records in HubSpot. When that is done, edit them there.",
    "settings.rules.moved": "Somebody has changed the rules meanwhile. Nothing of yours was published.",
    "settings.rules.busy": "Somebody else is publishing rules at this moment. Try again in a few seconds.",
    "settings.rules.faults": "Nothing was published. What is wrong stands at each rule.",
    "settings.rules.none": "Nothing was published: no rule would be left.",
}
"""Id -> template with named places; part of rules.wording.words.SENTENCES."""
