"""What the connector keeps to run: one module per concern."""
