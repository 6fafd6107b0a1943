"""The web process: webhooks, console, health."""
