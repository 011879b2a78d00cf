"""The life of an import, an export or an undo, from the upload to the day its files go."""
