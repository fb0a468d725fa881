"""What views of several subjects share: orders, epochs, frequencies, words."""
