"""The connection to a CRM's OAuth endpoints: Authlib's session with our limits around it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session

from connector.errors import Later
from connector.settings import Settings
from oauth import answers
from oauth.answers import Answer

_OK = 200


class Unsuccessful(Exception):  # noqa: N818 - never leaves this package
    """The CRM answered with something else than what was asked for."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class Wire(OAuth2Session):  # type: ignore[misc]  # Authlib has no types
    """An OAuth session that reads no environment and follows no redirect: our secret must reach nobody else.

    `verify` is a CA file or True. `access_token` signs what is neither a token call nor a revocation.
    """

    def __init__(
        self, settings: Settings, client_id: str, client_secret: str, *, verify: str | bool, access_token: str = ""
    ) -> None:
        super().__init__(
            client_id,
            client_secret,
            token_endpoint_auth_method="client_secret_post",  # noqa: S106 - the name of a method
            revocation_endpoint_auth_method="client_secret_post",
            code_challenge_method="S256",
            token={"access_token": access_token, "token_type": "Bearer"} if access_token else None,
            default_timeout=(settings.crm_connect_timeout, settings.crm_read_timeout),
        )
        self.trust_env = False
        self.verify = verify
        # Authlib reads the body of an error; the status beside it decides more, so it is looked at first.
        self.register_compliance_hook("access_token_response", successful)
        self.register_compliance_hook("refresh_token_response", successful)

    def request(self, method: str, url: str, **kwargs: Any) -> requests.Response:
        """Send a request; redirects are handed back, not followed."""
        kwargs["allow_redirects"] = False
        answer: requests.Response = super().request(method, url, **kwargs)
        return answer


def successful(response: requests.Response) -> requests.Response:
    """Return the response if it is 200. Raises Unsuccessful."""
    if response.status_code != _OK:
        raise Unsuccessful(answers.read(response.status_code, _json(response), response.headers))
    return response


def body(response: requests.Response) -> Mapping[str, Any]:
    """Return the JSON object of a 200 answer. Raises Unsuccessful."""
    found = _json(successful(response))
    if not isinstance(found, dict):
        raise Unsuccessful(Answer(response.status_code))
    return found


@contextlib.contextmanager
def reaching(crm: str) -> Iterator[None]:
    """Say by Later that `crm` was not reached or not understood.

    `from None`: the errors below carry the request, and with it our secrets.
    """
    try:
        yield
    except requests.RequestException as error:
        raise Later(f"{crm} cannot be reached ({type(error).__name__})", seconds=answers.BUSY_SECONDS) from None
    except (AuthlibBaseError, ValueError, KeyError, TypeError) as error:
        reason = f"{crm} gave an answer we do not understand ({type(error).__name__})"
        raise Later(reason, seconds=answers.CONFIGURATION_SECONDS) from None


def _json(response: requests.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None
