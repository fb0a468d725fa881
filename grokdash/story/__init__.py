"""What is told of a run: when things happened, and the story that explains them."""
