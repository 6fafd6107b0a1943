"""The sentences about long work, about what was not carried out, and about why something cannot be done now.

They are kept as text where they are stored, in English, and said in the language of whoever looks
(rules.wording.retold).
"""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    # Why a letter asks for nothing, or a decision was not carried out.
    "ignored.deleted": "The lead was deleted before it was read.",
    "ignored.converted": "The lead is already converted.",
    "overtaken.mode": "It was not performed: the mode was changed before that.",
    "overtaken.acted": "Nobody is told: somebody has acted meanwhile.",
    "work.not done": "It is not performed yet.",
    "work.did nothing": "It did nothing that could be undone.",
    "work.expired": "A merge can be taken back for {days} days. This one could until {until}; its snapshot, which says "
    "what the records were, has expired.",
    "work.damaged": "It cannot be read by this version.",
    "work.merging": "It is being merged.",
    "work.busy": "The record is busy.",
    # Why long work rests, has ended or cannot begin.
    "work.rests": "Rests to save API calls: {used} of our {granted} in 24 hours are used, and the rest is for new "
    "leads.",
    "work.rests.org": "Rests to save API calls: the org has used {used} of its {granted} in 24 hours, by all its apps "
    "together.",
    "work.undoing": "Waits for an undo that is under way.",
    "work.cancelled": "Cancelled.",
    "work.building": "The index is not complete yet: the first reading of the CRM must be through before a clean-up.",
    "work.under way": "A clean-up is under way already.",
    "work.unknown": "What was asked for is not known any more.",
    "work.not kept": "What was asked for is not kept any more. Start it again.",
    "work.unreadable": "The rules cannot be read by this version. Start it again.",
    "work.anew": "It began anew: what was done could not be read any more.",
    "work.undo unknown": "What was to be undone is not known any more.",
    "work.missing": "Missing: {names}. The permission check says where to click.",
    "work.nobody": "Nobody in the CRM is active and has an e-mail address, so the starter rules have no owner.",
    "work.few left": "The CRM shows {living} of {known} records ({kind}) that are known here. Nothing was taken out: "
    "see that the connected user may view all records, then try again. If they were really deleted, disconnect and "
    "connect again.",
    "work.halfway": "The rules are being published: what was read is not yet the whole. Those before stay in force.",
    "work.rules": "The rules could not be read ({error}). We were told.",
    "work.removed": "HubSpot says that the app was removed from the portal. Connect again.",
    "work.key": "Its key cannot be opened: {error}.",
    # What came of it.
    "work.recalled": "{count} decisions were found in the CRM.",
    "work.moved": "{count} audits were moved, and the rules.",
    "work.asked": "{count} leads were asked to be matched again.",
    "work.tried": "Tried, nothing was changed: {matched} matched, {review} for review, {none} without an account.",
    "work.cleaned": "{found} found, {merged} merged, {open} wait for a person, {rejected} are not the same.",
    "work.placed": "{found} of {count} contacts without an account may belong to one.",
    "work.placed.most": "{found} of {count} contacts without an account may belong to one; the surest {kept} are "
    "listed.",
    "work.simulated": "{count} leads, {moves} change hands.",
    "work.missed": "{decisions} decisions were found in the CRM. {count} leads came after the last of them and before "
    "this connection, from {since} to {until}: they are left alone, as somebody may have shared them out by hand.",
    # Why records are not made one.
    "work.observes": "Nothing is merged while the connection or the policy only observes.",
    "work.not acting": "Nothing is merged by itself: the policy of the rules and the connection must both be in mode "
    "act.",
    "work.too few": "Fewer than two of the records are left.",
    "work.changed": "A record has changed since somebody said yes: it would be merged in another way now.",
    "work.answered": "Somebody has answered already.",
}
"""Id -> template with named places; part of rules.wording.words.SENTENCES."""
