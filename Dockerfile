# docker build -t bailiwick .
# docker run -p 127.0.0.1:8000:8000 -v bailiwick:/data bailiwick
#
# There are no API keys yet: publish the port on 127.0.0.1 as above, never on all addresses. Inside
# the container the service must listen on all of them, or the published port would reach nobody.

FROM python:3.11-slim AS builder
RUN pip install --no-cache-dir 'uv>=0.9'
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /srv/bailiwick
# The dependencies first: this layer stays as long as uv.lock does.
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-dev --no-install-project
COPY README.md LICENSE ./
COPY geo geo
COPY sales sales
COPY app app
COPY bailiwick_client bailiwick_client
COPY data data
RUN uv sync --frozen --no-dev --no-editable

FROM python:3.11-slim
# A home, because compiled kernels are kept in ~/.cache.
RUN useradd --create-home --uid 10001 bailiwick && install -d -o bailiwick -g bailiwick /data
COPY --from=builder /srv/bailiwick/.venv /srv/bailiwick/.venv
ENV PATH=/srv/bailiwick/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    BAILIWICK_DATA_DIR=/data \
    BAILIWICK_HOST=0.0.0.0 \
    BAILIWICK_PORT=8000 \
    BAILIWICK_ALLOW_REMOTE=true
USER bailiwick
RUN bailiwick warm
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["bailiwick", "serve"]
