"""Addresses of the shop and their redirects. Knows no owner."""
