# dualdns as a container: no root, no package manager at work, no writes.
#
#   docker build -t dualdns .
#   docker run --rm --read-only --cap-drop ALL -p 1053:1053/udp -p 1053:1053/tcp dualdns --demo --bind 0.0.0.0 --bind ::
#
# Without an engine: run the RUN lines of the first stage in a copy of the files it copies.

ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY resolver ./resolver
RUN python -m venv --without-pip /opt/dualdns
RUN python -m pip --python /opt/dualdns/bin/python install --no-cache-dir --disable-pip-version-check ".[uvloop]"
# The generated APIs and models of the Kubernetes client: 130 MB that dualdns never imports.
RUN find /opt/dualdns/lib -type f -path "*/kubernetes/*client/*" \( -path "*/api/*" -o -path "*/models/*" \) \
    ! -name "__init__*" -delete

FROM python:${PYTHON}-slim
RUN python -m pip uninstall --yes --root-user-action=ignore pip
COPY --from=build /opt/dualdns /opt/dualdns
ENV PATH=/opt/dualdns/bin:$PATH PYTHONDONTWRITEBYTECODE=1
USER 65532:65532
EXPOSE 1053/udp 1053/tcp 8080 8181 9153
ENTRYPOINT ["dualdns", "serve"]
# Alone: the cluster the container runs in. Loopback, the default, would be out of reach from outside the container.
CMD ["--bind", "0.0.0.0", "--bind", "::"]
