"""Packaging types. Imports the platform and the stores."""
