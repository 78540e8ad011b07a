"""Tables, queries and migrations; imports nothing else of Laurel."""
