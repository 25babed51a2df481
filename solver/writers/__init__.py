"""A document in each text format: one module and one row in `formats.WRITERS` for each."""
