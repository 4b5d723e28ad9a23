# Build from an unpacked package, which has the wheels: no index is asked.
#   connectory package -o package.tar.gz && mkdir context && tar -xzf package.tar.gz -C context
#   docker build context
FROM python:3.11-slim-bookworm
WORKDIR /app
COPY requirements.lock ./
COPY wheels wheels
RUN pip install --no-cache-dir --no-index --find-links wheels --only-binary :all: \
      --require-hashes --requirement requirements.lock \
    && rm -rf wheels
COPY src src
ENV PYTHONPATH=/app/src PYTHONDONTWRITEBYTECODE=1 CONNECTORY_LISTEN=0.0.0.0 PORT=8080
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["python", "-m", "<<module>>"]
