#!/bin/sh
# Only options, or a command of docker's: the command is docker.
set -e
if [ "${1#-}" != "$1" ]; then set -- docker "$@"; fi
if [ -z "${DOCKER_HOST:-}" ] && [ ! -S /var/run/docker.sock ]; then
  echo >&2 "No engine in this container: start it with -v /var/run/docker.sock:/var/run/docker.sock"
fi
if ! command -v -- "$1" >/dev/null && docker help "$1" >/dev/null 2>&1; then set -- docker "$@"; fi
exec "$@"
