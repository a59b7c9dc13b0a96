"""The live process as an ASGI server starts it: `granian --interface asgi asgi:app`."""

from app.platform import garbage

with garbage.left_alone():
    from app.ops.services import watching
    from app.platform import db
    from app.platform import settings as installed
    from app.platform.logging import start_logging
    from config import load_or_exit
    from live.application import Application
    from live.files import allow_files

settings = load_or_exit()
installed.install(settings)
start_logging(settings.log_level)
watching.start(settings, db.start_engine(settings), role="live")
allow_files(settings.live.streams)
app = Application(settings)
