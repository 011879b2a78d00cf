"""Addresses of the shop and their redirects; knows no owner. Imports the platform and the stores."""
