"""The application: wiring, awarding, delivery, schedule, pictures, web."""

VERSION = "0.1.0"
