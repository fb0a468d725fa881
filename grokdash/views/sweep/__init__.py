"""Many runs at once: what a sweep holds, what is chosen of it, its pictures."""
