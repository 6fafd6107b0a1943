"""Everything on this machine: both sandboxes as processes, the product as processes, a person with a browser."""
