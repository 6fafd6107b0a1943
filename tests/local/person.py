"""A person with a browser: follows links and fills in the forms that the pages really show."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urljoin

import requests
from bs4 import BeautifulSoup, Tag

from tests.local.world import World


@dataclass
class Page:
    """A page as it came: where it is, its status, and its parsed text."""

    url: str
    status: int
    soup: BeautifulSoup

    @property
    def text(self) -> str:
        """What a person reads."""
        return self.soup.get_text(" ", strip=True)

    def form(self, containing: str) -> Tag:
        """Return the form whose action or text contains this. Raises LookupError with what the page says."""
        for form in self.soup.find_all("form"):
            if containing in f"{form.get('action', '')} {form.get_text(' ')}":
                return form
        raise LookupError(f"no form with {containing!r} at {self.url} ({self.status}): {self.text[:500]}")


class Person:
    """Someone at a browser: cookies, forms, redirects."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._session = requests.Session()
        self._session.trust_env = False

    def open(self, address: str) -> Page:
        """Open a page of the console (a path) or any address."""
        return self._page(self._request("GET", urljoin(self._world.url, address)))

    def submit(self, page: Page, containing: str, **values: str) -> Page:
        """Fill in a form of `page` and send it; fields that are not named keep what the page put there."""
        form = page.form(containing)
        data = _defaults(form) | values
        method = str(form.get("method", "get")).upper()
        url = urljoin(page.url, str(form.get("action", page.url)))
        return self._page(self._request(method, url, data))

    def follow(self, page: Page, containing: str) -> Page:
        """Follow the first link of `page` whose address contains this. Raises LookupError with what the page says."""
        for link in page.soup.find_all("a"):
            if containing in str(link.get("href", "")):
                return self._page(self._request("GET", urljoin(page.url, str(link["href"]))))
        raise LookupError(f"no link to {containing!r} at {page.url} ({page.status}): {page.text[:500]}")

    def connect(self, crm: str, *, purpose: str = "install", decision: str = "allow", **choices: str) -> Page:
        """Connect (or sign in with) a CRM from the console and answer on the CRM's own page; ends in the console."""
        asked = self.follow(self.open("/"), f"/oauth/{crm}/{purpose}")
        return self.submit(asked, "", decision=decision, **choices)

    def _request(self, method: str, url: str, data: dict[str, str] | None = None) -> requests.Response:
        inside = url.startswith(self._world.salesforce.ready["url"])
        self._session.verify = self._world.salesforce.ready["ca"] if inside else True
        query, body = (data, None) if method == "GET" else (None, data)
        headers = {"Referer": url}
        answer = self._session.request(
            method, url, params=query, data=body, headers=headers, timeout=60, allow_redirects=False
        )
        while answer.is_redirect:
            target = urljoin(answer.url, answer.headers["Location"])
            inside = target.startswith(self._world.salesforce.ready["url"])
            self._session.verify = self._world.salesforce.ready["ca"] if inside else True
            answer = self._session.get(target, timeout=60, allow_redirects=False)
        return answer

    @staticmethod
    def _page(answer: requests.Response) -> Page:
        return Page(answer.url, answer.status_code, BeautifulSoup(answer.text, "html.parser"))


def _defaults(form: Tag) -> dict[str, str]:
    """Return what the form would send as it stands, without its buttons."""
    found: dict[str, str] = {}
    for field in form.find_all(["input", "select", "textarea"]):
        name, kind = field.get("name"), str(field.get("type", "text"))
        if not name or kind in {"submit", "button"}:
            continue
        if field.name == "select":
            options = field.find_all("option")
            chosen = next((each for each in options if each.has_attr("selected")), options[0] if options else None)
            found[str(name)] = str(chosen.get("value", "")) if chosen else ""
        elif kind not in {"radio", "checkbox"} or field.has_attr("checked"):
            found[str(name)] = str(field.get("value", "")) if field.name == "input" else field.get_text()
    return found
