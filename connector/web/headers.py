"""What every answer carries: the browser may load our own files and nothing else, and keeps no customer data."""

from __future__ import annotations

from flask import Flask, Response, request

from connector.web import frames

SOURCES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HSTS = "max-age=31536000; includeSubDomains"


def protect(app: Flask, *, https: bool) -> None:
    """Put the security headers on every answer of `app`; HSTS only when people reach it over https."""

    @app.after_request
    def add(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)  # the OAuth pages are stricter about Referer
        framers = frames.allowed()
        response.headers.setdefault("Content-Security-Policy", policy(framers))
        if not framers:
            response.headers["X-Frame-Options"] = "DENY"  # for browsers that do not know frame-ancestors
        if https:
            response.headers["Strict-Transport-Security"] = HSTS
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response


def policy(framers: tuple[str, ...] = ()) -> str:
    """Return the content security policy of a page that may be framed by these origins, or by nobody."""
    sources = SOURCES | {"frame-ancestors": " ".join(framers) or "'none'"}
    return "; ".join(f"{directive} {source}" for directive, source in sources.items())
