"""The commands of `switchyard`, one module each; connector.cli says which is where."""
