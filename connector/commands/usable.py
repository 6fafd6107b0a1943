"""The settings as a command needs them: usable, or a sentence that says what is wrong with them."""

from __future__ import annotations

import click

from connector import settings as environment
from connector.settings import Settings, SettingsError


def usable_settings() -> Settings:
    """Return the settings. Raises ClickException when the environment is not usable."""
    try:
        return environment.load()
    except SettingsError as error:
        raise click.ClickException(f"The environment is not usable:\n{error}") from None
