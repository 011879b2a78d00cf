"""Deeds over many rows of a list: what is asked, the preview of what would happen, the run (spec: working-day 4).

A screen names its deeds in ``bulk`` (:mod:`.declaring`). The list sends ticked rows, or its filter for all that match;
they are frozen with their versions (:mod:`.chosen`). The preview runs the deed and rolls it back, so it cannot tell
anything else than the run (:mod:`.doing`). The run is one change set that can be undone. Small deeds end in the
request (:mod:`.pages`), large ones in a job, which the room that knows jobs runs.
"""
