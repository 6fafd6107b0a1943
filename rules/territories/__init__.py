"""Territories as a table: its cells, how they are read and looked up."""
