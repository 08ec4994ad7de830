"""Thousands who want the same times at once: `make race`. Imports `devtools`, no benchmark."""
