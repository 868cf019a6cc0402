#!/bin/sh
# Starts redis-server as the user redis. Redis in protected mode answers the container itself only; as in the official image it is
# off unless a configuration file says otherwise, so that other containers reach it.
set -e

# Only options, or a configuration file: the command is redis-server.
if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then
  set -- redis-server "$@"
fi

if [ "$1" = redis-server ]; then
  case " $* " in
    *" --protected-mode "*) ;;
    *) if ! { [ -f "$2" ] && grep -q '^[[:space:]]*protected-mode' "$2"; }; then set -- "$@" --protected-mode no; fi ;;
  esac
  if [ "$(id -u)" = 0 ]; then
    # A folder of the host or a new volume belongs to root.
    if [ -O . ]; then chown -R redis:redis .; fi
    set -- setpriv --reuid=redis --regid=redis --clear-groups -- "$@"
  fi
  umask 0077
fi

exec "$@"
