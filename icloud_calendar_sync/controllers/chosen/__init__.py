"""What visitors choose: start, host, services, seats; checked and named. Imports `shown`."""
