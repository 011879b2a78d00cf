"""Change sets: who changed what. The lowest part of the platform; only its screens look up at the console."""
