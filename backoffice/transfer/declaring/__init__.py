"""How a room says what its files hold: columns, spellings, references, parts. Knows no job."""
