#!/bin/bash
# The official image's health check by its usual names. All of them are one question: a server that answers over TCP has begun InnoDB and has done
# what lies in the init folder, for it listens there only afterwards.
set -eo pipefail

if [ $# = 0 ]; then
  echo >&2 'At least one of --connect, --innodb_initialized and --innodb_buffer_pool_loaded is needed'
  exit 1
fi
for check; do
  case "$check" in
    --connect | --innodb_initialized | --innodb_buffer_pool_loaded) ;;
    --su-mysql | --su=* | --no-connect | --no-defaults | --defaults-* | --datadir=*) ;;
    *)
      echo >&2 "healthcheck.sh: $check is not known here; --connect, --innodb_initialized and --innodb_buffer_pool_loaded are"
      exit 1
      ;;
  esac
done
login=/var/lib/mysql/.my-healthcheck.cnf
if [ ! -r "$login" ]; then login=/dev/null; fi
if ! mariadb-admin --defaults-extra-file="$login" --protocol=tcp --host=127.0.0.1 --connect-timeout=10 ping > /dev/null 2>&1; then
  echo >&2 'healthcheck failed: the server does not answer'
  exit 1
fi
