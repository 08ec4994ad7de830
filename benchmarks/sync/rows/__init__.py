"""What is measured, a file for each kind of work; each gives rows for the report."""
