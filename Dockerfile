# soakproof, and the reference server that it is shown on: `make image` builds both, with docker, podman or buildah.
# BASE is any Debian that has apt-get; .ci/image makes one and gives it this name.
ARG BASE=debian:bookworm-slim

FROM ${BASE} AS python
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends python3 ca-certificates >/dev/null \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 1000 --create-home --home-dir /home/soak soak \
 && install -d -o soak -g soak -m 0755 /run/soakproof /reports

# Only the build has pip. What is installed is what pyproject.toml declares, in the locked versions.
FROM python AS build
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
WORKDIR /build
COPY requirements/lock.txt requirements/project_urls.py requirements/
RUN sed -n 's/^\([A-Za-z0-9][^\\]*[^ \\]\) *\\$/\1/p' requirements/lock.txt >locked.txt
COPY pyproject.toml README.md LICENSE ./

FROM build AS build-soakproof
COPY src src
RUN python3 -m venv /opt/soakproof \
 && /opt/soakproof/bin/pip install --quiet --no-cache-dir --disable-pip-version-check -c locked.txt .

FROM build AS build-server
RUN python3 -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["server"], sep="\n")' >server.txt \
 && python3 -m venv /opt/server \
 && /opt/server/bin/pip install --quiet --no-cache-dir --disable-pip-version-check -c locked.txt -r server.txt

# The reference server. The agent lies beside it, and begins where SOAKPROOF_AGENT_DIR and PYTHONPATH say so (docs/attach.md).
FROM python AS server
COPY --from=build-server /opt/server /opt/server
COPY src/soakproof/agent /opt/soakproof-agent
COPY server /app/server
WORKDIR /app
USER soak
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
  CMD ["/opt/server/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=4)"]
ENTRYPOINT ["/opt/server/bin/python", "-m", "server", "--host", "0.0.0.0", "--port", "8000"]

FROM python AS soakproof
COPY --from=build-soakproof /opt/soakproof /opt/soakproof
COPY src/soakproof/agent /opt/soakproof-agent
ENV PATH=/opt/soakproof/bin:$PATH MPLCONFIGDIR=/tmp/matplotlib
WORKDIR /reports
USER soak
HEALTHCHECK --interval=5m --timeout=30s CMD ["soakproof", "doctor"]
ENTRYPOINT ["soakproof"]
CMD ["--help"]
