"""Holding a published solution against the truth: claims, verdicts, likely causes, errata."""
