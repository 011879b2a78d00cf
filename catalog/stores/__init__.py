"""Stores, currencies, locales, countries, glossary. The lowest room: imports the platform only."""
