"""One suite over every implementation of the Crm protocol."""
