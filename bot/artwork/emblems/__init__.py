"""The emblems of the starter badges, each a function that draws layers onto a field."""
