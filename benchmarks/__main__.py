"""``make bench``: a line per figure, ending with ``holds`` or ``short``. BENCH_ONLY names some of ``lists``,
``products``, ``attribute_files``, ``variant_files`` and ``oscar``, which is measured only when it is named. BENCH_ROWS,
BENCH_ROUNDS and BENCH_IMPORT_ROWS are their sizes."""

import os

from benchmarks import imports, lists, oscar

SECTIONS = ("lists", "products", *imports.SUBJECTS)


def main() -> None:
    rounds = int(os.environ.get("BENCH_ROUNDS", "25"))
    wanted = os.environ.get("BENCH_ONLY", " ".join(SECTIONS)).split()
    if "lists" in wanted:
        lists.packaging(int(os.environ.get("BENCH_ROWS", "1000000")), rounds)
    if "products" in wanted:
        lists.products(rounds)
    if "oscar" in wanted:
        oscar.report(int(os.environ.get("BENCH_ROWS", str(lists.PRODUCTS))), rounds)
    for subject in imports.SUBJECTS:
        if subject in wanted:
            imports.report(subject, int(os.environ.get("BENCH_IMPORT_ROWS", "100000")))


if __name__ == "__main__":
    main()
