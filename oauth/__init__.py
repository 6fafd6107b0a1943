"""Install, tokens, disconnect, console sign-in."""
