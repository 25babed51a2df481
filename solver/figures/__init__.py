"""Figures: scenes, layouts, and their two renderings."""
