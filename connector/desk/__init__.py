"""What people may ask of one install and change about it, as plain functions: console pages and the JSON API call these."""
