"""Files that are damaged, or forged on purpose, and what comes of reading them."""
