"""Pictures: pure functions from arrays to ``plotly.graph_objects.Figure``.

Modules are named by the geometry of the picture. A function here knows nothing of
runs, stores or the science; titles, units, ranges and colours are arguments.
"""
