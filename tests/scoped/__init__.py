"""A tiny room of the tests: shelves stand in halls, and roles can be limited to halls."""
