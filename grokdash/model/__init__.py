"""The transformer in PyTorch: parameters, textbook forward, fast exact forward."""
