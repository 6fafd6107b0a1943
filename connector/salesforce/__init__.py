"""Salesforce: the only place that imports simple-salesforce and grpc."""
