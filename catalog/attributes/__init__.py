"""Attributes: what a product fact is called, how it is typed, which values it offers. Imports the stores below."""
