"""Ways out: pictures and films made outside the browser."""
