"""The salon of `make demo`, and `make demo-check`, which does what its reader does."""
