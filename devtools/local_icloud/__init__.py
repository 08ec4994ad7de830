"""A stand-in for iCloud Calendar, over real HTTP: no test and no demo ever reaches Apple."""

from .cloud import LocalICloud

__all__ = ["LocalICloud"]
