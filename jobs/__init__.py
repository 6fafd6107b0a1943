"""What runs in the background: inbox, drain, perform, listen, clock."""
