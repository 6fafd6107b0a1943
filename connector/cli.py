"""The `switchyard` command: where each of its commands is found."""

from __future__ import annotations

import gc
import importlib
import os

import click

UMASK = 0o077
"""What we write is for our own user: the database holds sealed tokens, Valkey's socket runs code in workers."""
COLLECT_AFTER = (50_000, 20, 100)
"""At Python's usual 700 the collector takes a fifth of the time that a process needs to load its modules."""
PLACES = {
    "api": "api.api",
    "check": "admin.check",
    "clock": "working.clock",
    "dedupe": "dedupe.dedupe",
    "doctor": "doctor.doctor",
    "explain": "explain.explain",
    "fields": "fields.fields",
    "installs": "admin.list_installs",
    "keys": "admin.keys",
    "listener": "working.listener",
    "match": "matching.match",
    "migrate": "admin.migrate_command",
    "people": "people.people",
    "privacy": "privacy.privacy",
    "preview": "simulation.preview",
    "reject": "reject.reject_command",
    "replay": "simulation.replay",
    "reviews": "matching.reviews",
    "routes": "routes.routes",
    "rules": "rules.rules",
    "simulate": "simulation.simulate",
    "undo": "undo.undo_command",
    "up": "serving.up",
    "valkey": "serving.valkey",
    "web": "serving.web",
    "worker": "working.worker",
}
"""Every command: its module in `connector.commands`, and its name there."""


class Commands(click.Group):
    """The commands, each loaded when it is asked for: `web` and `valkey` turn into other programs a moment later."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in the order in which help shows them."""
        _ = ctx
        return list(PLACES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name; None when there is none."""
        _ = ctx
        if cmd_name not in PLACES:
            return None
        module, _, name = PLACES[cmd_name].partition(".")
        found: click.Command = getattr(importlib.import_module(f"connector.commands.{module}"), name)
        return found


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="switchyard")
def main() -> None:
    """Switchyard routes leads in Salesforce and HubSpot: duplicate, account, owner, task, audit.

    All settings come from the environment; `switchyard check` lists and explains them.
    """
    os.umask(UMASK)


def start() -> None:
    """Run the command that this process was started with."""
    gc.set_threshold(*COLLECT_AFTER)
    main()


if __name__ == "__main__":
    start()
