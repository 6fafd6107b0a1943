"""The sentences about what people ask for on a record's card."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    "request.wrong match": "{by} said that {account} is the wrong account. {reason}",
    "request.wrong owner": "{by} said that the lead was with the wrong person. {reason}",
    "request.refused.observe": "Switchyard only observes here: it has changed nothing that could be corrected.",
    "request.refused.unknown": "Switchyard does not know this request.",
    "request.refused.no match": "Switchyard knows of no account that it has matched to this lead.",
    "request.refused.nobody": "Nobody has this lead by a decision of Switchyard's.",
    "request.refused.given": "This lead belongs to {user}, and not by a decision of Switchyard's.",
    "request.refused.nothing": "There is nothing that could be undone.",
    "request.refused.undone": "It was undone already.",
    "request.refused.left": "Nothing was undone: {parts}.",
    "request.refused.converted": "The lead is converted already.",
    "request.refused.contact": "Switchyard routes only leads: there is nothing to correct on a contact.",
    "action.answer": "what was asked for on the lead answered",
}
"""Id -> template with named places; part of rules.wording.words.SENTENCES."""
