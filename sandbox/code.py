from pathlib import Path

CODE = Path(__file__).parents[1]
"""The root of the repository, from which its programs run. They write elsewhere if they are told to."""
