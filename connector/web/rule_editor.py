"""One item of the rules in two editors, text and form, over the same text; what is not saved yet goes with the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from connector.desk import forms, rule_checks, rule_choices, rule_edits, rule_forms, rules
from connector.desk.faults import DeskError, NotThere, Overtaken
from connector.desk.forms import AnyForm
from connector.desk.gaps import Gap
from connector.desk.rule_checks import NEW, Checked
from connector.desk.rule_starters import STARTERS
from connector.desk.rules import Entry
from connector.errors import Next
from connector.store.installs import Install
from connector.web import pool_boxes, rule_boxes
from connector.web.access import me, my_install, seen, services, signed_in
from connector.web.language import said
from connector.web.rules import UNFIT, words_of
from rules.faults import RuleFault
from rules.parsing.target_reading import KINDS, NAMED

rule_editor = Blueprint("rule_editor", __name__, url_prefix="/installs/<install_id>/rules/edit")

TO_TEXT = ("text", "text-anyway")
"""The buttons that show the text instead of the form."""
LONGEST_FORM = 512 * 1024
"""Bytes that an editor may send: a record has 60,000 characters, of which each may need nine bytes in a form."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What an editor shows: the item (None: a new one), its text, the form if it has one, and what was found.

    `is_unsaved` says whether it holds what is saved nowhere, `left_out` what to do about boxes that no text has.
    `gaps` is what is told at boxes that are half filled in, by their names: when somebody wants to save, or, with
    `asks_text`, wants the text all the same.
    """

    record: str
    entry: Entry | None
    text: str
    form: AnyForm | None
    checked: Checked
    as_form: bool
    is_unsaved: bool = False
    left_out: tuple[str, ...] = ()
    gaps: Mapping[str, str] = field(default_factory=dict)
    asks_text: bool = False
    trouble: str = ""
    theirs: str = ""


@rule_editor.url_value_preprocessor
def room(_endpoint: str | None, _values: Mapping[str, Any] | None) -> None:
    """Let a long text in; before the token is looked for in the form, which reads it."""
    request.max_content_length = LONGEST_FORM
    request.max_form_memory_size = LONGEST_FORM


@rule_editor.get("/new/<kind>")
@signed_in
def new(install_id: str, kind: str) -> ResponseReturnValue:
    """Begin a new item of a kind."""
    mine = my_install(install_id)
    if kind not in STARTERS:
        abort(404)
    return _page(mine, _desk(mine, NEW, None, STARTERS[kind], as_form=_as_form(kind in forms.KINDS)))


@rule_editor.get("/<record>")
@signed_in
def page(install_id: str, record: str) -> ResponseReturnValue:
    """Show an item in one of the editors; ``as=text`` or ``as=form`` says which."""
    mine = seen(install_id, "rules")
    try:
        entry = rules.entry(services(), mine, record)
    except NotThere as error:
        return _back(mine, said(error))
    except Next as error:
        return _back(mine, words_of(error))
    return _page(mine, _desk(mine, record, entry, entry.text, as_form=_as_form(entry.kind in forms.KINDS)))


@rule_editor.post("/<record>")
@signed_in
def write(install_id: str, record: str) -> ResponseReturnValue:
    """Do what a button says: ``save`` the draft, show the other editor, add or drop a row; nothing else is kept.

    A form that is half filled in is not saved. What the text would leave out stays on the form, until ``text-anyway``
    says that it may go.
    """
    mine = my_install(install_id)
    do = request.form.get("do", "refresh")
    sent = _sent(do)
    if do == "save" and sent.gaps:
        return _page(mine, replace(_as_sent(mine, record, sent), gaps=_said(sent.gaps))), UNFIT
    if do == "save":
        return _save(mine, record, sent)
    if do == "text" and sent.lost:
        return _page(mine, replace(_as_sent(mine, record, sent), gaps=_said(sent.lost), asks_text=True))
    if sent.form is not None and do not in TO_TEXT:
        return _page(mine, _as_sent(mine, record, sent))
    return _page(mine, _desk(mine, record, _known(mine, record), sent.text, as_form=do == "form"))


@rule_editor.post("/<record>/check")
@signed_in
def check(install_id: str, record: str) -> ResponseReturnValue:
    """Say what is wrong with a text as it is written, by line, and what it says."""
    mine, sent = my_install(install_id), _sent()
    checked = rule_checks.check(services(), mine, sent.text, record="" if record == NEW else record)
    left_out = tuple(_said(sent.lost).values())
    return render_template("parts/rule_checked.html", install=mine, checked=checked, left_out=left_out)


@dataclass(frozen=True, slots=True)
class Sent:
    """What an editor sent: the text under it, the form (None: it was the text editor), and the text that both make."""

    base: str
    form: AnyForm | None
    text: str

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What is half filled in on the form."""
        return () if self.form is None else forms.gaps(self.form, self.base)

    @property
    def lost(self) -> tuple[Gap, ...]:
        """What was typed into the form that the text does not say."""
        return tuple(each for each in self.gaps if each.is_lost)


def _sent(do: str = "") -> Sent:
    base = request.form.get("text", "").replace("\r\n", "\n")
    if request.form.get("editor") != "form":
        return Sent(base, None, base)
    form = _boxes(do)
    try:
        return Sent(base, form, forms.text_of(form, base))
    except RuleFault:
        return Sent(base, form, base)


def _boxes(do: str) -> AnyForm:
    if request.form.get("form") == "pool":
        return pool_boxes.pressed(pool_boxes.form(request.form), do)
    return rule_boxes.pressed(rule_boxes.form(request.form), do)


def _save(mine: Install, record: str, sent: Sent) -> ResponseReturnValue:
    known, seen_as = "" if record == NEW else record, request.form.get("seen", "")
    try:
        saved = rule_edits.save(services(), mine, sent.text, record=known, seen=seen_as, by=me().user_id)
    except NotThere as error:
        return _back(mine, said(error))
    except (DeskError, Next) as error:
        desk = _as_sent(mine, record, sent)
        sentence = said(error) if isinstance(error, DeskError) else words_of(error)
        theirs = desk.entry.text if desk.entry and isinstance(error, Overtaken) else ""
        return _page(mine, replace(desk, trouble=sentence, theirs=theirs)), UNFIT
    flash(_("Saved as a draft. It is in force when the drafts are published."), "saved")
    address = url_for("rule_editor.page", install_id=mine.id, record=saved)
    return redirect(f"{address}?as={'text' if sent.form is None else 'form'}", 303)


def _as_sent(mine: Install, record: str, sent: Sent) -> Desk:
    """Return the editor as it was sent: boxes that say nothing yet, or something wrong, stay as they are."""
    checked = rule_checks.check(services(), mine, sent.text, record="" if record == NEW else record)
    entry = _known(mine, record)
    form = sent.form or forms.form_of(sent.text)
    left_out = tuple(_said(sent.lost).values())
    unsaved = bool(left_out) or _is_unsaved(entry, sent.text)
    as_form = sent.form is not None
    return Desk(record, entry, sent.base, form, checked, as_form=as_form, is_unsaved=unsaved, left_out=left_out)


def _said(gaps: Sequence[Gap]) -> dict[str, str]:
    return {each.why.field: said(each.why) for each in gaps}


def _desk(mine: Install, record: str, entry: Entry | None, text: str, *, as_form: bool) -> Desk:
    checked = rule_checks.check(services(), mine, text, record="" if record == NEW else record)
    form = forms.form_of(text)
    unsaved = _is_unsaved(entry, text)
    return Desk(record, entry, text, form, checked, as_form=as_form and form is not None, is_unsaved=unsaved)


def _is_unsaved(entry: Entry | None, text: str) -> bool:
    saved = [entry.text] if entry else STARTERS.values()
    return text.strip() not in {each.strip() for each in saved}


def _page(mine: Install, desk: Desk) -> str:
    return render_template(
        "rule_editor.html",
        install=mine,
        desk=desk,
        left_out=desk.left_out,
        choices=rule_choices.choices(services(), mine),
        operators_of=rule_forms.operators_of,
        targets=KINDS,
        named=NAMED,
        zones=rule_choices.zones(),
        has_form=desk.checked.kind in forms.KINDS,
    )


def _known(mine: Install, record: str) -> Entry | None:
    """Return the item as it is now; None for a new one, and where the CRM does not say."""
    if record == NEW:
        return None
    try:
        return rules.entry(services(), mine, record)
    except (NotThere, Next):
        return None


def _as_form(usual: bool) -> bool:  # noqa: FBT001 - what there is without a choice
    chosen = request.args.get("as", "")
    return chosen == "form" if chosen else usual


def _back(mine: Install, sentence: str) -> ResponseReturnValue:
    flash(sentence, "bad")
    return redirect(url_for("rules.listing", install_id=mine.id), 303)
