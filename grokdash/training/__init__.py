"""Training: steps, schedule, recorder, resume."""
