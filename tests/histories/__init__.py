"""Random histories of hosts, phones, workers, faults and crashes, and what must always hold."""
