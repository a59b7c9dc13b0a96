# syntax=docker/dockerfile:1
# One image for API, workers, beat, Flower, migrations and the development services: the command decides.

FROM python:3.11-slim AS build
WORKDIR /build
RUN python -m venv /opt/venv
COPY requirements.lock deploy/runtime_lock.py ./
# Only what is in the lock, with its hashes, and only wheels: no compiler. Behind a mirror, hand in pip's settings,
# which stay out of the image: docker build --secret id=pip,src=$HOME/.config/pip/pip.conf .
RUN --mount=type=cache,target=/root/.cache/pip \
    --mount=type=secret,id=pip,target=/etc/pip.conf \
    python runtime_lock.py < requirements.lock > runtime.lock \
    && /opt/venv/bin/pip install --disable-pip-version-check --require-hashes --only-binary=:all: -r runtime.lock \
    && /opt/venv/bin/pip uninstall --quiet --yes pip setuptools
COPY . /opt/backroom
RUN python -m compileall -q /opt/backroom

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/backroom --create-home backroom
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/backroom /opt/backroom
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /opt/backroom
USER backroom
EXPOSE 8000
CMD ["python", "-m", "deploy.serve", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--no-ws", "--workers-kill-timeout", "20", "wsgi:app"]
