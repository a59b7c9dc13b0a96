"""The application as a WSGI server starts it: `granian --interface wsgi wsgi:app`."""

from app.factory import create_app
from config import load_or_exit

app = create_app(load_or_exit())
