"""Requests: somebody asks for a badge, for themselves or a colleague, and whoever may award it decides."""
