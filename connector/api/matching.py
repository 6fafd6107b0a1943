"""Operations on how leads are matched: the policy, what thresholds would be worth, the fields behind our names."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from connector.api.caller import Caller, if_match
from connector.api.frame import Answer, operation
from connector.api.rule_shapes import ItemChange, Published, Rule
from connector.api.shapes import KEYS, LINE, Key, Line, Shape, Wish
from connector.api.tags import MATCHING
from connector.desk import field_names, matching, rules
from connector.fieldtable import FieldTable, FieldUse
from jobs.publish import Proposal

DomainOnly = Literal["never", "fallback", "always"]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
ApiName = Annotated[str, StringConstraints(max_length=255, pattern=LINE)]


class ThresholdPoint(Shape):
    """What a threshold would be worth, by what people said of pairs."""

    threshold: float
    taken: int
    right: int
    precision: float | None = Field(description="The share of right ones among those taken.")
    recall: float | None = Field(description="The share of those taken among all right ones.")
    low: float = Field(description="Between this and `high` the precision may lie with so few pairs.")
    high: float


class Thresholds(Shape):
    """What thresholds would be worth on this customer's own answers."""

    pairs: int
    right: int
    is_thin: bool = Field(description="Whether there are too few pairs to go by.")
    points: list[ThresholdPoint]


class MatchSettings(Shape):
    """How leads are matched."""

    accept: float = Field(description="From here on a match is taken, 0 to 1.")
    review: float = Field(description="From here on a person is asked.")
    tie: float = Field(description="How much likelier the best must be, as a share.")
    domain_only: DomainOnly = Field(description="What an e-mail domain is worth alone.")
    keep_links: bool = Field(description="Whether a lead keeps the account that it is linked to.")
    prefer: list[str] = Field(description="The tie-breakers, in order.")
    only: list[str] = Field(description="Accounts for which one of these fails are left out.")
    dictionaries: dict[str, int] = Field(description="How much stands in each dictionary of the policy.")
    merge_mode: str = Field(description="What is done about duplicates; empty where there is no policy for them.")
    text: str = Field(description="The item of the rules in force; empty: all is as usual.")
    seen: str = Field(description="Names this text; it is the ETag too.")
    draft: bool = Field(description="Whether a text waits to be published.")
    accounts: Thresholds = Field(description="For matches, by what people said of reviews.")
    people: Thresholds = Field(description="For duplicates, by what people said of pairs.")


class MatchWish(Wish):
    """What is to hold; what is left out stays."""

    accept: Share | None = Field(None, examples=[0.92])
    review: Share | None = Field(None, examples=[0.6])
    tie: Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)] | None = None
    domain_only: DomainOnly | None = None
    keep_links: bool | None = None
    prefer: list[Line] | None = Field(None, max_length=20)
    why: Line = Field("", description="For the history of the rules.")


class FieldChoice(Shape):
    """A field of the CRM."""

    name: str
    label: str
    type: str
    holds: str


class FieldBehind(Shape):
    """Which field stands behind a name of ours."""

    name: str = Field(examples=["lead.employees"])
    type: str
    usual: str
    wanted: str = Field(description="What the mapping says; empty without one.")
    used: FieldChoice | None
    state: Literal["fine", "none", "hidden", "missing", "wrong type"]
    why: str
    remedy: str


class FieldKind(Shape):
    """The names of one kind of record, and every field that the CRM offers for it."""

    kind: str
    object: str = Field(description="The CRM's label.")
    uses: list[FieldBehind]
    offered: list[FieldChoice]
    notes: list[str]


class FieldMapping(Shape):
    """Which fields of the CRM stand behind our names."""

    fault: str = Field(description="What is wrong with the mapping; empty when nothing is.")
    names: dict[str, str]
    kinds: list[FieldKind]


class FieldWish(Wish):
    """Fields for names; an empty one is the usual field."""

    fields: dict[Key, ApiName] = Field(
        min_length=1, max_length=100, examples=[{"lead.employees": "Employees__c"}], json_schema_extra=KEYS
    )


class FieldsSaved(Shape):
    """Whether anything differed."""

    changed: bool
    published: Published | None


@operation("GET", "/matching", tag=MATCHING, scope="read", returns=MatchSettings)
def get_matching(caller: Caller) -> Answer:
    """Tell how leads are matched, and what other thresholds would be worth."""
    found = matching.read(caller.services, caller.install)
    policy = found.policy
    told = MatchSettings(
        accept=policy.accept,
        review=policy.review,
        tie=policy.tie,
        domain_only=policy.domain_only,
        keep_links=policy.keep_links,
        prefer=list(found.prefer),
        only=list(map(str, policy.only)),
        dictionaries=dict(matching.dictionaries(policy)),
        merge_mode=str(found.merging.mode) if found.merging else "",
        text=found.text,
        seen=found.seen,
        draft=found.draft,
        accounts=Thresholds.model_validate(found.accounts),
        people=Thresholds.model_validate(found.people),
    )
    return Answer(told, {"ETag": f'"{found.seen}"'})


@operation("PATCH", "/matching", tag=MATCHING, scope="rules:write", returns=Published, body=MatchWish, guarded=True)
def change_matching(caller: Caller, *, body: MatchWish) -> Published:
    """Change how leads are matched, within seconds; the other rules stay as they are.

    `If-Match` is the ETag of `GET /matching`.
    """
    change, seen = _change(caller, body), if_match()
    made = matching.publish(
        caller.services, caller.install, change, by=caller.by, name=caller.name, note=body.why, seen=seen
    )
    return _published(caller, made)


@operation(
    "POST", "/matching/draft", tag=MATCHING, scope="rules:write", returns=Rule, status=201, body=MatchWish, guarded=True
)
def draft_matching(caller: Caller, *, body: MatchWish) -> Rule:
    """Keep a change of how leads are matched as a draft, without `why`: that is said when drafts are published.

    `If-Match` is the ETag of `GET /matching`.
    """
    change, seen = _change(caller, body), if_match()
    record = matching.draft(caller.services, caller.install, change, by=caller.by, note=body.why, seen=seen)
    return Rule.model_validate(rules.entry(caller.services, caller.install, record))


@operation("GET", "/fields", tag=MATCHING, scope="read", returns=FieldMapping, faults=(409,))
def get_fields(caller: Caller) -> FieldMapping:
    """Tell which fields of the CRM stand behind our names, and what else could."""
    found = field_names.read(caller.services, caller.install)
    return FieldMapping(fault=found.fault, names=dict(found.names), kinds=[_kind(each) for each in found.tables])


@operation("PATCH", "/fields", tag=MATCHING, scope="settings:write", returns=FieldsSaved, body=FieldWish)
def change_fields(caller: Caller, *, body: FieldWish) -> FieldsSaved:
    """Have other fields stand behind names, when all of them fit; the other names stay as they are."""
    made = field_names.save(caller.services, caller.install, dict(body.fields), by=caller.by, name=caller.name)
    return FieldsSaved(changed=made is not None, published=_published(caller, made) if made else None)


def _change(caller: Caller, body: MatchWish) -> matching.Change:
    now = matching.read(caller.services, caller.install)
    policy = now.policy
    return matching.Change(
        accept=policy.accept if body.accept is None else body.accept,
        review=policy.review if body.review is None else body.review,
        tie=policy.tie if body.tie is None else body.tie,
        domain_only=body.domain_only or policy.domain_only,
        keep_links=policy.keep_links if body.keep_links is None else body.keep_links,
        prefer=now.prefer if body.prefer is None else tuple(body.prefer),
    )


def _published(caller: Caller, made: Proposal) -> Published:
    version = rules.in_force(caller.services, caller.install).version
    changed = [ItemChange.model_validate(each) for each in made.changed]
    return Published(version=version, written=made.written, retired=made.retired, changed=changed)


def _kind(table: FieldTable) -> FieldKind:
    return FieldKind(
        kind=table.kind,
        object=table.object,
        uses=[_use(each) for each in table.uses],
        offered=[FieldChoice.model_validate(each) for each in table.offered],
        notes=list(table.notes),
    )


def _use(use: FieldUse) -> FieldBehind:
    names = [name for name in FieldBehind.model_fields if name != "why"]
    return FieldBehind.model_validate({name: getattr(use, name) for name in names} | {"why": use.trouble})
