"""What Laurel knows of a person: handed to them on request, and forgotten."""
