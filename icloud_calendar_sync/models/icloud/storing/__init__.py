"""Stores what a look found: files that are not ours, our own copies, and what cannot be had.

How much is read, and when, is for `importing`.
"""

from . import icloud_store
from . import files
from . import ours
from . import unread
