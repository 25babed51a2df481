"""The tests: rooms that mirror solver/, and the judges they share (oracle/, pdftext/)."""
