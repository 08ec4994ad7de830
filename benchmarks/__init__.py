"""Figures anyone can take again: each is a `make` target that prints them."""
