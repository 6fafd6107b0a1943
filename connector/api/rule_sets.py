"""Operations on the rules as a whole: text, tests, what would change, publishing, earlier editions."""

from __future__ import annotations

from connector.api import pages
from connector.api.caller import Caller, if_match
from connector.api.frame import Answer, operation
from connector.api.rule_shapes import (
    AgainstQuery,
    Drafts,
    Edition,
    EditionPage,
    EditionsQuery,
    Examined,
    ItemChange,
    Published,
    PushWish,
    RuleDiff,
    RuleText,
    TextQuery,
    TextWish,
    Trials,
    WhyWish,
    trials,
)
from connector.api.rules import CRM
from connector.api.tags import RULES
from connector.desk import drafts, editions, rulebook, rules, whole_text
from connector.desk.faults import NotThere
from jobs.publish import Proposal

LONGEST_NUMBER = 7


@operation("GET", "/rules/text", tag=RULES, scope="read", returns=RuleText, query=TextQuery, faults=CRM)
def get_rule_text(caller: Caller, *, query: TextQuery) -> Answer:
    """Return the rules as one text, as it can be kept in git."""
    text = drafts.text(caller.services, caller.install, live=query.which == "live")
    version = rulebook.read(caller.services, caller.install, ask=True).version
    return Answer(RuleText(text=text, version=version), {"ETag": f'"{version}"'})


@operation("PUT", "/rules/text", tag=RULES, scope="rules:write", returns=Published, body=PushWish, guarded=True)
def push_rule_text(caller: Caller, *, body: PushWish) -> Published:
    """Make a whole text live instead of everything that is, when it has no faults and its tests are green.

    Drafts are left alone. `If-Match` is the ETag of `GET /rules/text`.
    """
    here, mine = caller.services, caller.install
    made = whole_text.publish(here, mine, body.text, seen=if_match(), by=caller.by, name=caller.name, why=body.why)
    return _published(caller, made)


@operation("POST", "/rules/validate", tag=RULES, scope="read", returns=Examined, body=TextWish)
def validate_rules(_caller: Caller, *, body: TextWish) -> Examined:
    """Look for faults in a whole rule set, and run its tests. Nothing is kept."""
    return _examined(whole_text.examine(body.text, linted=False))


@operation("POST", "/rules/lint", tag=RULES, scope="read", returns=Examined, body=TextWish)
def lint_rules(_caller: Caller, *, body: TextWish) -> Examined:
    """Look for dead rules, overlaps, gaps and unreachable pools in a whole rule set. Nothing is kept.

    Of more than 500 rules the answer is 422.
    """
    return _examined(whole_text.examine(body.text, tested=False))


@operation("POST", "/rules/test", tag=RULES, scope="read", returns=Examined, body=TextWish)
def run_rule_tests(_caller: Caller, *, body: TextWish) -> Examined:
    """Run the tests of a whole rule set. Nothing is kept."""
    return _examined(whole_text.examine(body.text, linted=False))


@operation("POST", "/rules/compare", tag=RULES, scope="read", returns=RuleDiff, body=TextWish, faults=CRM)
def compare_rules(caller: Caller, *, body: TextWish) -> RuleDiff:
    """Tell what a whole rule set would change, item by item. Nothing is kept."""
    return _diff(whole_text.difference(caller.services, caller.install, body.text))


@operation("GET", "/rules/drafts", tag=RULES, scope="read", returns=Drafts, faults=CRM)
def review_drafts(caller: Caller) -> Answer:
    """Tell what all drafts together would change, what is against it, and what became of the tests."""
    found = drafts.review(caller.services, caller.install)
    values = {name: getattr(found, name) for name in Drafts.model_fields if name != "tests"}
    told = Drafts.model_validate({**values, "tests": trials(found.report)}, from_attributes=True)
    return Answer(told, {"ETag": f'"{found.version}"'})


@operation("GET", "/rules/drafts/tests", tag=RULES, scope="read", returns=Trials, faults=(*CRM, 422))
def run_draft_tests(caller: Caller) -> Trials:
    """Run the tests of what is drafted."""
    return trials(drafts.tested(caller.services, caller.install))


@operation("POST", "/rules/publish", tag=RULES, scope="rules:write", returns=Published, body=WhyWish, guarded=True)
def publish_drafts(caller: Caller, *, body: WhyWish) -> Published:
    """Make all drafts live within seconds. `If-Match` is the ETag of `GET /rules/drafts`."""
    here, mine = caller.services, caller.install
    made = drafts.publish(here, mine, seen=if_match(), by=caller.by, name=caller.name, why=body.why)
    return _published(caller, made)


@operation("GET", "/rules/editions", tag=RULES, scope="read", returns=EditionPage, query=EditionsQuery)
def list_editions(caller: Caller, *, query: EditionsQuery) -> EditionPage:
    """List every rule set that was live, the newest first."""
    mine = caller.install
    place = pages.place(mine.id, "editions", query.cursor)
    found, before = editions.history(caller.services, mine, before=int(place[0]) if place else 0)
    behind = pages.cursor(mine.id, "editions", [before] if before else None)
    return EditionPage.model_validate({"items": found, "next": behind}, from_attributes=True)


@operation("GET", "/rules/editions/<edition>", tag=RULES, scope="read", returns=Edition)
def get_edition(caller: Caller, edition: str) -> Edition:
    """Return one edition as a text."""
    return Edition.model_validate(editions.edition(caller.services, caller.install, _number(edition)))


@operation("GET", "/rules/editions/<edition>/diff", tag=RULES, scope="read", returns=RuleDiff, query=AgainstQuery)
def compare_editions(caller: Caller, edition: str, *, query: AgainstQuery) -> RuleDiff:
    """Tell what differs from an edition to another, or to what is live."""
    return _diff(editions.difference(caller.services, caller.install, _number(edition), query.against))


@operation("POST", "/rules/editions/<edition>/restore", tag=RULES, scope="rules:write", returns=Published, body=WhyWish)
def restore_edition(caller: Caller, edition: str, *, body: WhyWish) -> Published:
    """Make an edition live again, as a new one."""
    here, mine, number = caller.services, caller.install, _number(edition)
    made = editions.roll_back(here, mine, number, by=caller.by, name=caller.name, why=body.why)
    return _published(caller, made)


def _number(edition: str) -> int:
    if not (edition.isdecimal() and len(edition) <= LONGEST_NUMBER and int(edition)):
        raise NotThere("There is no such edition.")
    return int(edition)


def _published(caller: Caller, made: Proposal) -> Published:
    now = rules.in_force(caller.services, caller.install)
    changed = [ItemChange.model_validate(each) for each in made.changed]
    return Published(version=now.version, written=made.written, retired=made.retired, changed=changed)


def _diff(found: tuple[object, ...]) -> RuleDiff:
    return RuleDiff(changed=[ItemChange.model_validate(each) for each in found])


def _examined(found: whole_text.Examined) -> Examined:
    values = {"ready": found.ready, "faults": found.faults, "hints": found.hints, "tests": trials(found.report)}
    return Examined.model_validate(values, from_attributes=True)
