# The server alone; docker-compose.yml puts PostgreSQL beside it.
FROM python:3.12-slim AS packages
COPY requirements.lock .
RUN python -m venv /opt/packages \
    && /opt/packages/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock

FROM python:3.12-slim
RUN useradd --system cutscore \
    && install -d -o cutscore -g cutscore /var/lib/cutscore \
    && printf '#!/bin/sh\nexec python -P -m app "$@"\n' > /usr/local/bin/cutscore \
    && chmod +x /usr/local/bin/cutscore
COPY --from=packages /opt/packages /opt/packages
WORKDIR /srv/cutscore
COPY LICENSE ./
COPY app app
COPY migrations migrations
COPY questions questions
COPY static static
COPY templates templates
ENV PATH=/opt/packages/bin:$PATH \
    PYTHONPATH=/srv/cutscore \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    CUTSCORE_HOST=0.0.0.0 \
    CUTSCORE_PORT=8000 \
    CUTSCORE_BASE_URL=http://localhost:8000 \
    CUTSCORE_DATA_DIR=/var/lib/cutscore
USER cutscore
VOLUME /var/lib/cutscore
EXPOSE 8000
# The server answers only to its own name, so the check asks for it by that name.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.parse, urllib.request; urllib.request.urlopen(urllib.request.Request('http://127.0.0.1:' + os.environ['CUTSCORE_PORT'] + '/readyz', headers={'Host': urllib.parse.urlsplit(os.environ['CUTSCORE_BASE_URL']).hostname}), timeout=4)"]
CMD ["cutscore", "serve"]
