"""Screens of the history that change something: undo of a change set, revert of a record."""
