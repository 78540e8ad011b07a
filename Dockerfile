# Laurel in a container: slim, not root, and content with a read-only root file system.
#   docker build -t laurel .
#   docker run --read-only --tmpfs /tmp -v laurel:/data --env-file .env -p 3000:3000 laurel
FROM python:3.13-slim AS build
WORKDIR /build
COPY requirements.txt .
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /data --create-home laurel
COPY --from=build /venv /venv
WORKDIR /app
COPY assets assets
COPY storage storage
COPY bot bot
COPY commands commands
# Compiled once here: the root may be read-only later.
RUN /venv/bin/python -m compileall -q /app \
 && printf '#!/bin/sh\nexec /venv/bin/python -m bot "$@"\n' > /usr/local/bin/laurel \
 && chmod 755 /usr/local/bin/laurel
ENV PATH=/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    LAUREL_HOST=0.0.0.0 \
    LAUREL_LOG_FORMAT=json \
    DATABASE_URL=sqlite:////data/laurel.db
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s \
  CMD ["python", "-c", "import os, urllib.request as r; r.build_opener(r.ProxyHandler({})).open(f'http://127.0.0.1:{os.environ.get(\"LAUREL_PORT\", 3000)}/healthz', timeout=2)"]
ENTRYPOINT ["laurel"]
CMD ["run"]
