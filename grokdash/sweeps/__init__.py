"""Many runs from one file: what to train, and on which machines."""
