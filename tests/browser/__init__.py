"""A package, so that its tests can share one browser (`conftest.py`)."""
