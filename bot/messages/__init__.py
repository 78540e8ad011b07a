"""What people read: pure functions that return text and Block Kit blocks, apart from sending."""
