#!/bin/sh
# Prepares nginx as the official image does: what lies in /docker-entrypoint.d is run, or read into this shell, in the order of the names.
set -e

say() {
  [ -n "${NGINX_ENTRYPOINT_QUIET_LOGS:-}" ] || echo "$0: $*"
}

if [ "$1" = nginx ] || [ "$1" = nginx-debug ]; then
  found=
  for script in /docker-entrypoint.d/*; do
    [ -f "$script" ] || continue
    found=yes
    case "$script" in
      *.envsh)
        if [ -x "$script" ]; then
          say "Sourcing $script"
          . "$script"
        else
          say "Ignoring $script, not executable"
        fi
        ;;
      *.sh)
        if [ -x "$script" ]; then
          say "Launching $script"
          "$script"
        else
          say "Ignoring $script, not executable"
        fi
        ;;
      *) say "Ignoring $script" ;;
    esac
  done
  [ -z "$found" ] || say "Configuration complete; ready for start up"
fi

exec "$@"
