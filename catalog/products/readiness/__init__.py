"""Readiness: what still keeps a product from being sold, asked in one place by page, list and rooms above."""
