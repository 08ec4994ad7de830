"""Tools that set up, run, test and package the project; each is one command."""
