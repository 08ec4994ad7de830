"""What keeps a request to its time, its size and its host. Knows nothing of calendars.

Each file guards one thing for client.py.
"""
