"""What the rows of a file would make of the records, and the writing of it. Check and apply are this same code."""
