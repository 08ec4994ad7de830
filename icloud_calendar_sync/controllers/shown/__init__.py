"""What pages show: records as plain values and words. Imports no other room."""
