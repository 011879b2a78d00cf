"""Files that go out: formats, workbooks, bad rows, lists of problems."""
