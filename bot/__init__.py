"""The application: wiring, awarding, delivery, schedule, pictures, web."""
