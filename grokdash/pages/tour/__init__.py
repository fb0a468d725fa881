"""The tour: where it begins, its steps, and the welcome that leads to it."""
