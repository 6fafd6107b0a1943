"""HubSpot: the only place that imports hubspot-api-client."""
