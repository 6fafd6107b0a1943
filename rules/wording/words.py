"""Every sentence that people are shown about a decision, by id. Catalogues of other languages have the same ids.

The sentences of evidence stand with their functions in rules.evidence and rules.dedupe.
"""

from __future__ import annotations

import re

from babel.numbers import format_decimal, format_percent

from rules.wording import cards, catalogue, fields, lint, merging, requests, routing, trials, undo, work
from rules.wording.catalogue import ENGLISH
from rules.wording.said import AMOUNT, PERCENT, Said

SENTENCES: dict[str, str] = {
    # Who gets it, and why.
    "reason.account owner": "Your rule “{rule}” gives {leads} to the owner of the account; {user} owns {account}.",
    "reason.duplicate owner": "Your rule “{rule}” gives {leads} to the owner of the earlier {kind}; that is {user}.",
    "reason.user": "Your rule “{rule}” gives {leads} to {user}.",
    "reason.queue": "Your rule “{rule}” gives {leads} to the queue {user}.",
    "reason.pool": "Your rule “{rule}” gives {leads} to the pool {pool}; it was {user}'s turn.",
    "reason.pool.stays": "Your rule “{rule}” gives {leads} to the pool {pool}; {user} of that pool has it already.",
    "reason.keep": "Your rule “{rule}” leaves {leads} with the owner they have.",
    "reason.instead": "Your rule “{rule}” first tries the {target}, but {refusal}. {then}",
    "instead.account owner": "So the lead goes to {user}, who owns {account}.",
    "instead.duplicate owner": "So the lead goes to {user}, who owns the earlier {kind}.",
    "instead.user": "So the lead goes to {user}.",
    "instead.queue": "So the lead goes to the queue {user}.",
    "instead.pool": "So the lead goes to the pool {pool}; it was {user}'s turn.",
    "instead.pool.stays": "So the lead goes to the pool {pool}; {user} is in it and has the lead already.",
    "instead.keep": "So the lead stays with the owner it has.",
    "reason.human": "A person or another automation has given this lead to {user} since; that choice is kept.",
    "reason.nobody": "Some rules hold for this lead, but nobody they name can take it now; it stays as it is.",
    "reason.no rule": "No rule holds for this lead; it stays as it is.",
    "leads": "leads {phrases}",
    "leads.all": "all leads",
    "leads.other": "all other leads",
    # Why a target cannot take it.
    "refusal.no match": "no account is matched for certain",
    "refusal.no duplicate": "no earlier record of this person is known for certain",
    "refusal.no owner": "{what} has no owner",
    "refusal.unknown": "the owner of {what} is not among the users",
    "refusal.inactive": "{user} is not active",
    "refusal.no user": "there is no user {user}",
    "refusal.no queue": "there is no queue {user}",
    # Why somebody is not at work.
    "closed.hours": "outside working hours",
    "closed.holiday": "public holiday {name}",
    "closed.days": "closed until {day}",
    "closed.days.open": "closed until further notice",
    "closed.absent": "absent until {day}",
    "closed.absent.open": "absent until further notice",
    # Why nobody of a pool can take a lead.
    "pool.nobody": "nobody in the pool {pool} can take a lead now: {members}",
    "pool.member": "{user} ({why})",
    "pool.why.unknown": "no user of the CRM",
    "pool.why.inactive": "not active",
    "pool.why.paused": "paused",
    "pool.why.paused until": "paused until {until}",
    "pool.why.refused": "must not get this lead now",
    "pool.why.before": "has had this lead before",
    "pool.why.when": "“{condition}” does not hold, found: {found}",
    "pool.why.open leads": "has {count} open leads, the limit is {limit}",
    "pool.why.capped": "has had {cap}",
    # Why this account.
    "evidence.before": "What any account that has something in common with a lead is worth.",
    "evidence.rest": "Everything else together.",
    "match.nothing": "No account has anything in common with this lead.",
    "match.linked": "The lead is already linked to this account.",
    "match.unlikely": "No account is likely enough: the best is {name} with {percent}.",
    "match.below": "{name} is likely ({percent}), but below the limit of {limit}.",
    "match.tied": "{names} are equally likely: a person should choose.",
    "match.all filtered": "No account is left: {name} and all others were left out.",
    "match.one filtered": "No account is left: {name} was left out.",
    "more": "{count} more",
    "and": "{first} and {last}",
    "or": "{first} or {last}",
    "tie.then": "{first}, then as {last}",
    "kind.lead": "lead",
    "kind.contact": "contact",
    "kind.account": "account",
    "kind.record": "record",
    "kind.the contact": "the contact",
    "kind.the earlier": "the earlier {kind}",
    "kind.it": "it",
    "value.empty": "empty",
    "value.yes": "yes",
    "value.no": "no",
    "pair.always.text": "Your rules say that “{who}” always belongs to “{account}”.",
    "pair.never.text": "Your rules say that “{who}” never belongs to “{account}”.",
    "pair.always.reviewed": "{by} said in a review that “{who}” belongs to “{account}”.",
    "pair.never.reviewed": "{by} said in a review that “{who}” does not belong to “{account}”.",
    "alias.synonym": "“{name}” is also called “{other}”, as your rules say.",
    "alias.acquired": "“{company}” was acquired by “{by}”, as your rules say.",
    "filtered.only": "Your filter “{condition}” does not hold (found: {found}).",
    "filtered.domain": "Only the domain speaks for it, and your rules take no account by its domain alone.",
    "filtered.domain.fallback": "Only the domain speaks for it, while the name speaks for {name} too.",
    # What decided a tie.
    "tie.decided": "{names} are as likely. {winner} is preferred, as {why}.",
    "tie.one owner": "{names} are as likely and have the same owner. {winner} is taken, as {why}.",
    "prefer.id": "its id comes first",
    "tie.open": "No tie-breaker tells them apart.",
    "prefer.customer": "it is a customer ({value})",
    "prefer.open opportunities": "it has the most open opportunities ({value})",
    "prefer.most contacts": "it has the most contacts ({value})",
    "prefer.latest activity": "it was active last ({value})",
    "prefer.active owner": "its owner is active",
    "prefer.ultimate parent": "it has no parent above it",
    "prefer.parent": "it is the parent of another one",
    "prefer.child": "it is a child of another one",
    "prefer.lead's country": "it is in the country of the lead ({value})",
    "prefer.oldest": "it is the oldest ({value})",
    "prefer.newest": "it is the newest ({value})",
    "prefer.list": "it stands in the list “{list}”",
    "prefer.condition": "“{condition}” holds for it",
    "prefer.highest": "it is the highest in {field} ({value})",
    "prefer.lowest": "it is the lowest in {field} ({value})",
    # What would have had to differ.
    "needed.accept": "With {accept} instead of {percent} it would have matched.",
    "needed.review": "With {review} instead of {percent} a person would have been asked, with {accept} it would have "
    "matched.",
    "needed.without": "Without “{clue}” ({weight}) it would have been about {percent}.",
    "needed.missing": "The lead does not say {what}.",
    "needed.tie": "The tie-breaker “{preference}” would have decided for {name}.",
    "needed.tie.nothing": "The accounts differ in nothing that a tie-breaker usually asks.",
    "needed.other": "{name} ({percent}) would have needed {gap} more of evidence.",
    "needed.other.against": "{name} ({percent}) would have needed {gap} more of evidence; against it speaks “{clue}” "
    "({weight}).",
    "needed.filtered": "Had it not been left out, {name} would have been ahead ({percent}).",
    "needed.common": "No account has its name, its domain or its phone number.",
    "missing.company": "its company",
    "missing.domain": "a domain of its company",
    "missing.country": "its country",
    "missing.phone": "a phone number",
    # Conditions as parts of a sentence.
    "phrase.country": "in {value}",
    "phrase.country.not": "outside {value}",
    "phrase.employees.>=": "with {value}+ employees",
    "phrase.employees.>": "with more than {value} employees",
    "phrase.employees.<=": "with up to {value} employees",
    "phrase.employees.<": "with fewer than {value} employees",
    "phrase.employees.between": "with {first} to {last} employees",
    "phrase.range": "{first} and {last}",
    "phrase.match.matched": "with a matched account",
    "phrase.match.confidence": "matched with {value} or more",
    "phrase.duplicate.same": "from people we know already",
    "phrase.any field": "whose {field} {operator} {value}",
    "phrase.no value": "whose {field} {operator}",
    "phrase.block": "for which “{block}” holds",
    # The story.
    "story.event": "Received {received}, decided {decided} ({latency} later) by rule set {version}.",
    "story.mode.observe": "Switchyard only observes here: nothing was changed.",
    "story.mode.suggest": "Switchyard only suggests here: the owner was not changed.",
    "story.mode.act": "",
    "story.lead": "Lead: {lead}.",
    "story.duplicate.same": "Duplicate: yes, of the {kind} {id} (owner {owner}).",
    "story.duplicate.unsure": "Duplicate: perhaps, of the {kind} {id} (owner {owner}); a person should look.",
    "story.duplicate.different": "Duplicate: no earlier record of this person was found.",
    "story.account.matched": "Account: {name}, {percent} (owner {owner}). {reason}",
    "story.account.review": "Account: perhaps {name}, {percent} (owner {owner}). {reason}",
    "story.account.none": "Account: none. {reason}",
    "story.evidence": "  {weight} {text}",
    "story.remark": "  {text}",
    "story.tie": "  Tie: {text}",
    "story.needed": "  For another outcome: {text}",
    "story.filtered": "  Left out {name}: {why}",
    "story.runner up": "  Not {name}, {percent}:",
    "story.rules": "Rules, in order:",
    "story.rules.none": "Rules: not asked.",
    "story.rule.failed": "  - “{rule}” passed over: {failed} (found: {found})",
    "story.rule.refused": "  - “{rule}” holds, but {failed}",
    "story.rule.held": "  ✓ “{rule}” holds",
    "story.outcome.assigned": "Result: given to {user}. {reason}",
    "story.outcome.suggested": "Result: suggested to {user}. {reason}",
    "story.outcome.observed": "Result: would be given to {user}. {reason}",
    "story.outcome.observed.nobody": "Result: would be left alone. {reason}",
    "story.outcome.kept": "Result: the owner stays ({user}). {reason}",
    "story.outcome.other": "Result: {outcome}. {reason}",
    "story.actions": "Actions: {actions}.",
    "story.actions.none": "Actions: none but this record.",
    "action.assign": "owner set",
    "action.link": "linked to the account",
    "action.stamp": "decision noted on the lead",
    "action.task": "task “{subject}” due {due}",
    "action.notify": "notification",
    "result.done": "",
    "result.planned": "",
    "result.open": " (not done yet)",
    "result.already": " (was done already)",
    "result.refused": " (refused: {detail})",
    "result.unknown": " (perhaps not delivered)",
    # Task and notification.
    "task.subject": "New lead: {lead}",
    "task.suggest": "Suggested by Switchyard; the owner was not changed.",
    "task.account": "Account: {name} ({percent}).",
    "task.duplicate": "An earlier {kind} of this person exists: {id}.",
    "task.contact": "Reach them at {contact}.",
    "notice.title": "New lead for you: {lead}",
    "notice.title.suggest": "A lead you might take: {lead}",
    "audit.title": "{lead} → {user}",
    "lead.of": "{name}, {company}",
    "lead.unnamed": "a lead without a name",
    "nobody": "nobody",
    "missing": "(no {field})",
}
"""Id -> template with named places."""
SENTENCES |= routing.SENTENCES
SENTENCES |= trials.SENTENCES
SENTENCES |= undo.SENTENCES
SENTENCES |= requests.SENTENCES
SENTENCES |= merging.SENTENCES
SENTENCES |= cards.SENTENCES
SENTENCES |= work.SENTENCES
SENTENCES |= fields.SENTENCES
SENTENCES |= lint.SENTENCES

OPERATOR_WORDS: dict[str, str] = {
    "==": "is", "!=": "is not", ">=": "is at least", "<=": "is at most", ">": "is more than", "<": "is less than",
    "in": "is", "not in": "is not", "is": "is", "is not": "is not", "contains": "contains",
    "does not contain": "does not contain", "starts with": "starts with", "ends with": "ends with",
    "matches": "matches", "is empty": "is empty", "is not empty": "is not empty", "changed": "changed",
    "between": "is between", "within last": "is within the last", "within next": "is within the next",
}  # fmt: skip


LONGEST_SHOWN = 500
"""How much of a value stands in a sentence: more than any name has, so only what is no name is cut."""

_LARGEST = 10**30
"""Numbers beyond are nobody's: they are shown as they are."""
_LINE_BREAK = re.compile(r"[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
_UNSHOWABLE = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
"""Control characters, halves of surrogate pairs, and the marks that turn the direction of the text after them."""

_FULL_STOPS = re.compile(r"(?<!\.)\.\.(?!\S)")  # "Petrobras S.A." at the end of a sentence


def showable(text: str) -> str:
    """Return a value that somebody else wrote so that it can stand in a sentence and cannot look like another one.

    It is on one line, without control characters, and no longer than LONGEST_SHOWN; "" only when it was empty.
    """
    if len(text) <= LONGEST_SHOWN and text.isprintable():
        return text
    clean = _UNSHOWABLE.sub("", _LINE_BREAK.sub(" ", text[: 2 * LONGEST_SHOWN]))
    if len(clean) > LONGEST_SHOWN:
        clean = clean[: LONGEST_SHOWN - 1] + "…"
    return clean or ("\ufffd" if text else "")


def say(sentence: str, **values: object) -> str:
    """Return a sentence with its values in place. The values are never read as templates."""
    text = catalogue.template(sentence, SENTENCES[sentence]).format(**values)
    if ".." in text:
        text = _FULL_STOPS.sub(".", text)
    return Said((text if text.isprintable() else _UNSHOWABLE.sub("", text)).rstrip(), sentence, values)


def english(sentence: str, **values: object) -> str:
    """Return a sentence in English, whatever is spoken: for what is kept as text and told by retold later."""
    with catalogue.speaking(ENGLISH):
        return say(sentence, **values)


def operator_word(sign: str) -> str:
    """Return an operator as it is said in a sentence."""
    word = OPERATOR_WORDS.get(sign)
    return Said(catalogue.template(f"operator.{sign}", word), f"operator.{sign}") if word else sign


def percent(probability: float) -> str:
    """Return a probability as people read it; never rounded up to a certainty it has not."""
    share = int(probability * 1000) / 10
    language = catalogue.spoken()
    if language == ENGLISH:
        return Said(f"{share:g}%", PERCENT, {"number": probability})
    return Said(format_percent(share / 100, format="#,##0.#%", locale=language), PERCENT, {"number": probability})


def amount(number: float) -> str:
    """Return a number as people write it: ``5,000`` in English, ``5.000`` in German."""
    whole = int(number) if isinstance(number, float) and number.is_integer() else number
    language = catalogue.spoken()
    if language == ENGLISH or not -_LARGEST < whole < _LARGEST:  # also what is no number
        text = f"{whole:,}"
    else:
        text = format_decimal(whole, format="#,##0.############", locale=language)
    return Said(text, AMOUNT, {"number": number})
