"""What the connector keeps to run: one module per concern.

Every function takes the connection (so that the caller decides what is one transaction) and then the install: no
query can reach another tenant by forgetting a filter.
"""
