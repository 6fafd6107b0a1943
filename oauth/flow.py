"""Install and sign-in in the browser: out to the CRM with a state, back with a code, once.

On the way the session holds CRM, purpose, host, state, PKCE verifier and when it began: signed by us, readable only by
its owner. Afterwards it holds who signed in, when, and the epoch of their sessions; whether that still opens an
install stands in the database. An administrator is noted as `WHO`, any other user of a connected org or portal as
`REP`; who came in by an administrator's leave for support, in ``connector/web/leave.py``, as `SUPPORT`. Never two of
them, and each sign-in begins a new session: nothing of the old one goes along.
"""

from __future__ import annotations

import contextlib
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

import structlog
from flask import Blueprint, Response, abort, redirect, render_template, request, session
from flask.typing import ResponseReturnValue

from connector.crm import CrmName
from connector.errors import Later, Next
from connector.settings import Settings
from connector.store import grants, installs, leaves, progress
from connector.store.base import Database
from connector.store.installs import Install
from connector.store.memos import StoredMemo
from connector.store.seal import KeyRing
from oauth import reps, typed
from oauth.answers import NotGranted, refusal
from oauth.grant import Grant, Identity, Provider, Purpose
from oauth.problems import Problem, problem
from oauth.vault import Vault
from rules.model import User

log = structlog.get_logger()

STATE_SECONDS = 600
"""How long a person may take at the CRM; longer is another person at the same desk."""
STATE_BYTES = 32
PENDING, WHO, REP, SUPPORT = "oauth", "who", "rep", "support"
WANTED = "wanted"
"""The page that somebody asked for before they were signed in."""
SETUP = "setup"
"""The long work that makes a new or reconnected install ready; the jobs package performs it."""
_CRM = "<any(salesforce, hubspot):crm>"

Connected = Callable[[Install, bool], None]
Member = Callable[[Install, str], User | None]


def blueprint(
    *,
    settings: Settings,
    database: Database,
    keyring: KeyRing,
    vault: Vault,
    clock: Callable[[], datetime],
    connected: Connected,
    member: Member,
) -> Blueprint:
    """Return the pages under /oauth and POST /signout.

    `connected` is told of each install and whether it is new; `member` returns the active user of an install's CRM who
    signs in with this id, None when there is none, and raises what the CRM's adapters raise.
    """
    flow = _Flow(
        settings=settings,
        database=database,
        keyring=keyring,
        vault=vault,
        clock=clock,
        connected=connected,
        member=member,
    )
    pages = Blueprint("oauth", __name__)
    pages.add_url_rule(f"/oauth/{_CRM}/<any(install, signin):purpose>", "start", flow.start)
    pages.add_url_rule(f"/oauth/{_CRM}/callback", "callback", flow.callback)
    pages.add_url_rule("/signout", "sign_out", flow.sign_out, methods=["POST"])
    pages.register_error_handler(Problem, _show)
    pages.after_request(_private)
    return pages


class _Flow:
    """The pages and what they work with."""

    def __init__(
        self,
        *,
        settings: Settings,
        database: Database,
        keyring: KeyRing,
        vault: Vault,
        clock: Callable[[], datetime],
        connected: Connected,
        member: Member,
    ) -> None:
        self._settings = settings
        self._database = database
        self._keyring = keyring
        self._vault = vault
        self._clock = clock
        self._connected = connected
        self._member = member

    def start(self, crm: CrmName, purpose: Purpose) -> ResponseReturnValue:
        """Send an admin to the CRM, to grant access or only to show who they are.

        Salesforce takes ``environment`` (production, sandbox, custom) and, with custom, the proof that an address was
        typed (``typed``) from the query.
        """
        provider = self._provider(crm)
        try:
            domain = typed.read(request.args["typed"]) if "typed" in request.args else ""
            host = provider.login(request.args.get("environment", ""), domain)
        except typed.NotTyped:
            raise problem("untyped", crm) from None
        except NotGranted as error:
            raise problem(error.kind, crm) from None
        state = secrets.token_urlsafe(STATE_BYTES)
        url, verifier = provider.authorize(
            redirect_uri=self._callback_url(crm), state=state, host=host, purpose=purpose
        )
        began = {"crm": crm, "purpose": purpose, "host": host, "state": state, "verifier": verifier}
        session[PENDING] = {**began, "at": self._clock().timestamp()}
        return redirect(url, 303)

    def callback(self, crm: CrmName) -> ResponseReturnValue:
        """Take the CRM's answer. Its state is checked before anything else of it is believed."""
        provider = self._provider(crm)
        if crm == "hubspot" and PENDING not in session and "code" in request.args and "state" not in request.args:
            # Begun by the button of HubSpot's own listing, which knows no state. Whose code that is nobody can tell, so
            # it is not used: the way begins anew from here, and HubSpot asks nobody twice for what they have granted.
            return self.start(crm, "install")
        pending = self._pending(crm)
        code = request.args.get("code", "")
        if request.args.get("error") or not code:
            words = request.args.get("error", ""), request.args.get("error_description", "")
            raise problem(refusal(*words), crm)
        try:
            grant = provider.exchange(
                code=code, redirect_uri=self._callback_url(crm), host=pending["host"], verifier=pending["verifier"]
            )
            if pending["purpose"] == "install":
                found = self._finish_install(provider, grant, crm)
            else:
                found = self._finish_sign_in(provider, grant, crm)
        except NotGranted as error:
            log.info("not granted", crm=crm, purpose=pending["purpose"], kind=error.kind)
            raise problem(error.kind, crm) from None
        except Later as error:
            log.warning("the CRM did not answer a sign-in", crm=crm, reason=str(error))
            raise problem("busy", crm) from None
        return redirect(found, 303)

    def sign_out(self) -> ResponseReturnValue:
        """Forget who is here, and let no copy of their session count any longer."""
        who, rep, support = session.get(WHO), session.get(REP), session.get(SUPPORT)
        session.clear()
        if isinstance(who, dict):
            with self._database.write() as connection:
                install = installs.by_tenant(connection, who["crm"], who["tenant_id"])
                if install is not None:
                    installs.end_sessions(connection, install.id, who["user_id"], who["epoch"])
        if isinstance(rep, dict) and (install := self._install(rep["crm"], rep["tenant_id"])) is not None:
            reps.leave(self._memo(install), rep["user_id"], rep["epoch"])
        if isinstance(support, dict):
            with self._database.write() as connection:
                leaves.leave(
                    connection, support["install_id"], support["leave_id"], support["epoch"], now=self._clock()
                )
        return redirect("/", 303)

    def _provider(self, crm: CrmName) -> Provider:
        if crm not in self._settings.crms:
            abort(404)
        return self._vault.provider(crm)

    def _callback_url(self, crm: CrmName) -> str:
        return f"{self._settings.public_url}/oauth/{crm}/callback"

    def _pending(self, crm: CrmName) -> dict[str, Any]:
        """Take what was begun out of the session, so that it serves once. Raises Problem."""
        pending = session.pop(PENDING, None)
        given = request.args.get("state", "")
        if not isinstance(pending, dict) or pending["crm"] != crm:
            raise problem("foreign_state", crm)
        if not hmac.compare_digest(pending["state"].encode(), given.encode()):
            log.warning("a callback with a foreign state", crm=crm)
            raise problem("foreign_state", crm)
        if not 0 <= self._clock().timestamp() - pending["at"] <= STATE_SECONDS:
            raise problem("expired", crm)
        return cast("dict[str, Any]", pending)

    def _finish_install(self, provider: Provider, grant: Grant, crm: CrmName) -> str:
        """Connect an org or portal; return where its admin goes on."""
        try:
            who = provider.identity(grant)
            if not who.is_admin:
                self._no_admin(who)
                raise NotGranted("not_admin")  # noqa: TRY301 - what was granted must be let go of here too
            install, new, epoch = self._connect(who, grant)
        except Exception:
            self._let_go(provider, grant, crm)
            raise
        log.info("connected", install=install.id, crm=install.crm, new=new)
        self._connected(install, new)
        self._enter(who, epoch)
        return page_of(install)

    def _connect(self, who: Identity, grant: Grant) -> tuple[Install, bool, str]:
        """Write install, tokens, admin and setup in one transaction: all of it or nothing."""
        now = self._clock()
        with self._database.write() as connection:
            install, new = installs.connect(
                connection,
                crm=who.crm,
                tenant_id=who.tenant_id,
                name=who.tenant_name,
                base_url=who.base_url,
                scopes=who.scopes,
                new_key=self._keyring.new_key(),
                now=now,
            )
            self._vault.keep(connection, install.id, self._keyring.seal(install.key), grant)
            epoch = installs.add_admin(connection, install.id, who.user_id, now)
            progress.start(connection, install.id, SETUP, now=now)
        return install, new, epoch

    def _finish_sign_in(self, provider: Provider, grant: Grant, crm: CrmName) -> str:
        """Let a user of a connected org or portal in; return where they go on.

        The grant served to ask who they are and is not kept.
        """
        wanted = session.get(WANTED, "")
        try:
            who = provider.identity(grant)
        finally:
            self._let_go(provider, grant, crm)
        if not who.is_admin:
            return self._finish_as_rep(who, wanted)
        with self._database.write() as connection:
            install = installs.by_tenant(connection, crm, who.tenant_id)
            if install is None:
                raise NotGranted("unknown_install")
            epoch = installs.add_admin(connection, install.id, who.user_id, self._clock())
        self._enter(who, epoch)
        return page_of(install, wanted)

    def _finish_as_rep(self, who: Identity, wanted: str) -> str:
        """Let a user who is no administrator see their own leads. Raises NotGranted, Problem or Later.

        That they signed in there is not enough: customers and partners can do so too. The CRM's list of those who can
        own leads decides.
        """
        self._no_admin(who)
        install = self._install(who.crm, who.tenant_id)
        if install is None or install.status == "revoked":
            raise NotGranted("not_admin")
        try:
            user = self._member(install, who.user_id)
        except Later:
            raise
        except Next:
            raise NotGranted("not_admin") from None
        if user is None:
            raise problem("not_listed", who.crm)
        epoch = reps.enter(self._memo(install), user.id)
        person = {"crm": who.crm, "tenant_id": who.tenant_id, "user_id": user.id, "name": user.name}
        session[REP] = {**person, "at": self._clock().timestamp(), "epoch": epoch}
        with self._database.read() as connection:
            given = grants.of(connection, install.id, user.id)
        log.info("a rep signed in", install=install.id, user=user.id, role=given.role if given else "")
        return page_of(install, wanted) if given else "/me"

    def _no_admin(self, who: Identity) -> None:
        """The CRM does not call this user an administrator (any more): they see nothing of what those see."""
        session.clear()
        with self._database.write() as connection:
            install = installs.by_tenant(connection, who.crm, who.tenant_id)
            if install is not None:
                installs.remove_admin(connection, install.id, who.user_id)

    def _enter(self, who: Identity, epoch: str) -> None:
        """Start a new session for this person; nothing of the old one goes along. It is never prolonged."""
        session.clear()
        person = {"crm": who.crm, "tenant_id": who.tenant_id, "user_id": who.user_id, "name": who.user_name}
        session[WHO] = {**person, "at": self._clock().timestamp(), "epoch": epoch}

    def _let_go(self, provider: Provider, grant: Grant, crm: CrmName) -> None:
        """Let go of a grant that is not kept; where no install of ours can hang on it, withdraw it."""
        with contextlib.suppress(Next):
            if grant.tenant_id and self._install(crm, grant.tenant_id) is None:
                provider.revoke(grant)
            else:
                provider.discard(grant)

    def _install(self, crm: CrmName, tenant_id: str) -> Install | None:
        with self._database.read() as connection:
            return installs.by_tenant(connection, crm, tenant_id)

    def _memo(self, install: Install) -> StoredMemo:
        return StoredMemo(self._database, install.id, self._keyring.seal(install.key), self._clock)


def page_of(install: Install, wanted: str = "") -> str:
    """Return where somebody who came in goes on: to the page of this install that they asked for, or to its home."""
    home = f"/installs/{install.id}"
    return wanted if wanted.startswith(f"{home}/") else home


def _show(found: Problem) -> ResponseReturnValue:
    page = render_template(
        "oauth/problem.html", title=found.title, message=found.message, remedy=found.remedy, status=found.status
    )
    return page, found.status


def _private(answer: Response) -> Response:
    """Keep answers out of caches, and the callback's code out of Referer headers."""
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
