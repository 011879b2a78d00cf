"""Imports and exports: reading, check, apply, jobs.

May import accounts, console and history; knows no room.
"""
