"""Decides which starts are free and who takes them: integer minutes in, integer minutes out."""
