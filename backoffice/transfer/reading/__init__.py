"""From the bytes of a file to its rows: delimited texts and workbooks, and what they were guessed to be."""
