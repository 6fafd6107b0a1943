"""What people ask of one install and change about it, as plain functions; pages and the JSON API call these."""
