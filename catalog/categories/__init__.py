"""The category tree. Imports addresses and the stores below."""
