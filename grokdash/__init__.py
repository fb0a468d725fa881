"""Train small transformers on modular arithmetic and scrub through what they learn."""
