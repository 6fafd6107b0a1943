"""The JSON API: everything that the console does, for programs. Its OpenAPI document is made from this code."""
