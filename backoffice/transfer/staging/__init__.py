"""Temporary tables of a run and the text format of COPY."""
