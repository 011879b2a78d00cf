"""How large a file may be, how long it is kept. Each can be set in the settings, prefixed ``TRANSFER_``."""

from django.conf import settings

MEGABYTE = 1024 * 1024
_DEFAULTS = {
    "CSV_BYTES": 500 * MEGABYTE,
    "XLSX_BYTES": 50 * MEGABYTE,
    "STRINGS_BYTES": 100 * MEGABYTE,
    "ZIP_BYTES": 500 * MEGABYTE,
    "ZIP_ENTRIES": 500,
    "PACKING_RATIO": 100,
    "COLUMNS": 1_000,
    "HEADER_BYTES": 64 * 1024,
    "CELL_CHARACTERS": 1_000_000,
    "LINE_CHARACTERS": 16_000_000,
    "ROWS": 5_000_000,
    "ROWS_IN_REQUEST": 500,
    "BYTES_IN_REQUEST": MEGABYTE,
    "EXPORT_AT_ONCE": 5_000,
    "EXPORT_WITHOUT_WORKER": 20_000,
    "BATCH": 5_000,
    "KEEP_DAYS": 30,
    "STALLED_SECONDS": 60,
    "HEARTBEAT_SECONDS": 5,
}


def limit(name: str) -> int:
    """The limit called ``name``, as set or by default."""
    return getattr(settings, f"TRANSFER_{name}", _DEFAULTS[name])
