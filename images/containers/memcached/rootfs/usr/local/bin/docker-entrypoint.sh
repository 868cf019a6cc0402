#!/bin/sh
# Only options: the command is memcached.
set -e
if [ "${1#-}" != "$1" ]; then set -- memcached "$@"; fi
exec "$@"
