"""Marking: points for each answer, what follows from a student's own numbers, and which mistake gives the wrong ones."""
