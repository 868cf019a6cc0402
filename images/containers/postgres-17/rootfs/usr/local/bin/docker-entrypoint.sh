#!/usr/bin/env bash
# Starts PostgreSQL as the official image does: a cluster is made where there is none, with the superuser, password and database that the environment
# asks for; then what lies in /docker-entrypoint-initdb.d is done. initdb takes an emulated computer minutes, so an untouched cluster that the
# image's own initdb has made is copied instead; whatever that does not fit is left to initdb.
set -Eeo pipefail

READY=/usr/share/postgresql/$PG_MAJOR/cluster.tar.gz

# file_env NAME [DEFAULT]: sets NAME from NAME_FILE's content where only that is given.
file_env() {
  local name=$1 file="${1}_FILE" value=${2:-}
  if [ "${!name:-}" ] && [ "${!file:-}" ]; then
    echo >&2 "error: both $name and $file are set (but are exclusive)"
    exit 1
  fi
  if [ "${!name:-}" ]; then
    value=${!name}
  elif [ "${!file:-}" ]; then
    value=$(<"${!file}")
  fi
  export "$name"="$value"
  unset "$file"
}

docker_setup_env() {
  file_env POSTGRES_PASSWORD
  file_env POSTGRES_USER postgres
  file_env POSTGRES_DB "$POSTGRES_USER"
  file_env POSTGRES_INITDB_ARGS
  : "${POSTGRES_HOST_AUTH_METHOD:=}"
  DATABASE_ALREADY_EXISTS=
  if [ -s "$PGDATA/PG_VERSION" ]; then DATABASE_ALREADY_EXISTS=true; fi
}

docker_create_db_directories() {
  mkdir -p "$PGDATA" /var/run/postgresql
  chmod 00700 "$PGDATA" || :
  chmod 03775 /var/run/postgresql || :
  if [ -n "${POSTGRES_INITDB_WALDIR:-}" ]; then
    mkdir -p "$POSTGRES_INITDB_WALDIR"
    chmod 700 "$POSTGRES_INITDB_WALDIR"
  fi
  if [ "$(id -u)" = 0 ]; then
    for place in "$PGDATA" /var/run/postgresql ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"}; do
      find "$place" \! -user postgres -exec chown postgres '{}' +
    done
  fi
}

docker_verify_minimum_env() {
  if [ -z "$POSTGRES_PASSWORD" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != trust ]; then
    cat >&2 <<-'TEXT'
		Error: Database is uninitialized and superuser password is not specified.
		       You must specify POSTGRES_PASSWORD to a non-empty value for the
		       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".

		       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all
		       connections without a password. This is *not* recommended.
	TEXT
    exit 1
  fi
  if [ "$POSTGRES_HOST_AUTH_METHOD" = trust ]; then
    echo >&2 'WARNING: POSTGRES_HOST_AUTH_METHOD has been set to "trust": anybody who reaches the port can do anything, even with POSTGRES_PASSWORD set.'
  fi
}

# True where the ready cluster is what initdb would make.
is_usual() {
  [ -f "$READY" ] && [ -z "$POSTGRES_INITDB_ARGS$POSTGRES_INITDB_WALDIR" ] && [ "${LANG:-}" = en_US.utf8 ] && [ -z "${LC_ALL:-}${TZ:-}" ] &&
    ! env | grep -q '^LC_' && [ "$(id -un)" = postgres ] && [ -z "$(ls -A "$PGDATA")" ]
}

# sql_name NAME, sql_text TEXT: as SQL quotes them.
sql_name() { printf '"%s"' "${1//\"/\"\"}"; }
sql_text() { printf "'%s'" "${1//\'/\'\'}"; }

# Copies the ready cluster and makes it the one that is asked for. Catalogs are changed as initdb does it: the superuser is the role 10.
copy_ready_cluster() {
  tar -xzf "$READY" -C "$PGDATA" --no-same-owner
  local database
  for database in "$PGDATA"/base/*; do
    [ "$database" = "$PGDATA/base/1" ] || cp -an "$PGDATA/base/1/." "$database/"
  done
  chmod 700 "$PGDATA"
  renew-cluster "$PGDATA/global/pg_control" "$PGDATA"/pg_wal/0*
  local commands=''
  if [ "$POSTGRES_USER" != postgres ]; then
    commands+="UPDATE pg_catalog.pg_authid SET rolname = $(sql_text "$POSTGRES_USER") WHERE oid = 10;"$'\n\n'
  fi
  if [ -n "$POSTGRES_PASSWORD" ]; then
    commands+="ALTER ROLE $(sql_name "$POSTGRES_USER") PASSWORD $(sql_text "$POSTGRES_PASSWORD");"$'\n\n'
  fi
  if [ "$POSTGRES_DB" != postgres ]; then commands+="CREATE DATABASE $(sql_name "$POSTGRES_DB");"$'\n\n'; fi
  [ -n "$commands" ] || return 0
  local said
  said=$(postgres --single -j -F -D "$PGDATA" postgres 2>&1 <<<"$commands") || { echo >&2 "$said"; return 1; }
  if grep -qE '^[^|]*(ERROR|FATAL|PANIC):' <<<"$said"; then
    echo >&2 "$said"
    return 1
  fi
}

run_initdb() {
  local password
  password=$(mktemp)
  printf '%s\n' "$POSTGRES_PASSWORD" >"$password"
  if [ -n "${POSTGRES_INITDB_WALDIR:-}" ]; then set -- --waldir "$POSTGRES_INITDB_WALDIR" "$@"; fi
  if [ -n "$POSTGRES_PASSWORD" ]; then set -- --pwfile="$password" "$@"; fi
  eval 'initdb --username="$POSTGRES_USER" '"$POSTGRES_INITDB_ARGS"' "$@"'
  rm -f "$password"
}

pg_setup_hba_conf() {
  if [ "$1" = postgres ]; then shift; fi
  local method=$POSTGRES_HOST_AUTH_METHOD
  # What passwords are encrypted with is the method that can check them.
  [ -n "$method" ] || method=$(postgres -C password_encryption "$@")
  printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
}

docker_temp_server_start() {
  if [ "$1" = postgres ]; then shift; fi
  set -- "$@" -c listen_addresses='' -p "${PGPORT:-5432}"
  NOTIFY_SOCKET= PGUSER="${PGUSER:-$POSTGRES_USER}" pg_ctl -D "$PGDATA" -o "$(printf '%q ' "$@")" -w start
}

docker_temp_server_stop() {
  PGUSER="${PGUSER:-postgres}" pg_ctl -D "$PGDATA" -m fast -w stop
}

docker_process_sql() {
  local query=(psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --no-password --no-psqlrc)
  if [ -n "$POSTGRES_DB" ]; then query+=(--dbname "$POSTGRES_DB"); fi
  PGHOST= PGHOSTADDR= "${query[@]}" "$@"
}

docker_setup_db() {
  local exists
  exists=$(POSTGRES_DB= docker_process_sql --dbname postgres --set db="$POSTGRES_DB" --tuples-only <<<"SELECT 1 FROM pg_database WHERE datname = :'db';")
  [ -n "$exists" ] || POSTGRES_DB= docker_process_sql --dbname postgres --set db="$POSTGRES_DB" <<<'CREATE DATABASE :"db";'
}

docker_process_init_files() {
  local file
  for file; do
    case "$file" in
      *.sh)
        if [ -x "$file" ]; then
          echo "$0: running $file"
          "$file"
        else
          echo "$0: sourcing $file"
          . "$file"
        fi
        ;;
      *.sql) echo "$0: running $file"; docker_process_sql -f "$file"; echo ;;
      *.sql.gz) echo "$0: running $file"; gunzip -c "$file" | docker_process_sql; echo ;;
      *.sql.xz) echo "$0: running $file"; xzcat "$file" | docker_process_sql; echo ;;
      *.sql.zst) echo "$0: running $file"; zstd -dc "$file" | docker_process_sql; echo ;;
      *) echo "$0: ignoring $file" ;;
    esac
  done
}

_pg_want_help() {
  local arg
  for arg; do
    case "$arg" in
      -'?' | --help | --describe-config | -V | --version | -C) return 0 ;;
    esac
  done
  return 1
}

make_cluster() {
  docker_verify_minimum_env
  # Before anything is made: where these cannot be read it fails at once.
  ls /docker-entrypoint-initdb.d/ >/dev/null
  local scripts=(/docker-entrypoint-initdb.d/*) is_ready=
  if is_usual; then
    echo "Copying the image's ready cluster (initdb is run where POSTGRES_INITDB_ARGS, POSTGRES_INITDB_WALDIR, LANG or TZ ask for another one)."
    copy_ready_cluster
    is_ready=yes
  else
    run_initdb
  fi
  pg_setup_hba_conf "$@"
  if [ -z "$is_ready" ] || [ -e "${scripts[0]}" ]; then
    export PGPASSWORD="${PGPASSWORD:-$POSTGRES_PASSWORD}"
    docker_temp_server_start "$@"
    docker_setup_db
    docker_process_init_files "${scripts[@]}"
    docker_temp_server_stop
    unset PGPASSWORD
  fi
  printf '\nPostgreSQL init process complete; ready for start up.\n\n'
}

_main() {
  if [ "${1:0:1}" = - ]; then set -- postgres "$@"; fi
  if [ "$1" = postgres ] && ! _pg_want_help "$@"; then
    docker_setup_env
    docker_create_db_directories
    if [ "$(id -u)" = 0 ]; then exec gosu postgres "${BASH_SOURCE[0]}" "$@"; fi
    if [ -z "$DATABASE_ALREADY_EXISTS" ]; then
      make_cluster "$@"
    else
      printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
    fi
  fi
  exec "$@"
}

_main "$@"
