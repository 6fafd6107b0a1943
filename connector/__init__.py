"""Switchyard, the connector: what it is made of and where it is wired."""
