"""The application as a WSGI server starts it: `python -m deploy.serve --interface wsgi wsgi:app`."""

from app.platform import garbage

with garbage.left_alone():
    from app.factory import create_app
    from config import load_or_exit
    from tasks import doorbell, schedule
    from tasks.celery import app as celery_app

    settings = load_or_exit()
    app = create_app(settings, scheduled_jobs=schedule.periods(celery_app))
doorbell.install(celery_app, settings)
