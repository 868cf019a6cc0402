#!/bin/bash
# Starts MariaDB as the official image does: a data folder is made where there is none, with the passwords, the database and the user that the
# environment asks for; then what lies in /docker-entrypoint-initdb.d is done. Making the system tables takes an emulated computer long, so a
# ready data folder is copied, and what is asked for is done by the server at its first start, before it listens.
set -eo pipefail

READY=/usr/share/mariadb/data.tar.gz
SOCKET=/run/mysqld/mysqld.sock

log() { TZ=UTC0 printf '%(%Y-%m-%d %H:%M:%S)T+00:00 [%s] [Entrypoint]: %s\n' -1 "$1" "$2"; }
note() { log Note "$1"; }
warn() { log Warn "$1" >&2; }
refuse() {
  log ERROR "$1" >&2
  exit 1
}

# setting NAME [DEFAULT]: MARIADB_NAME, or else MYSQL_NAME, each also from the file that the variable with _FILE names. Both have it afterwards.
setting() {
  local value=${2:-} name file
  for name in "MYSQL_$1" "MARIADB_$1"; do
    file="${name}_FILE"
    if [ -n "${!name:-}" ] && [ -n "${!file:-}" ]; then refuse "Both $name and $file are set (but are exclusive)"; fi
    if [ -n "${!file:-}" ]; then value=$(< "${!file}"); fi
    if [ -n "${!name:-}" ]; then value=${!name}; fi
    unset "$file"
  done
  export "MARIADB_$1=$value" "MYSQL_$1=$value"
}

# As SQL quotes a text, and a name.
text() {
  local text=${1//\\/\\\\}
  text=${text//$'\n'/\\n}
  printf "'%s'" "${text//\'/\\\'}"
}
name() { printf '`%s`' "${1//\`/\`\`}"; }

is_server() {
  [ "$1" = mariadbd ] || [ "$1" = mysqld ]
}

# Options with which the server only says something and ends.
asks_only() {
  local argument
  for argument; do
    case "$argument" in -'?' | --help | --print-defaults | -V | --version) return 0 ;; esac
  done
  return 1
}

# Sets DATADIR, and refuses what the server would not start with: it is asked where it has arguments or settings of the learner's, for that takes
# long. The image's own files are of 1970.
check_settings() {
  local said errors
  DATADIR=/var/lib/mysql/
  if [ $# = 1 ] && [ -z "$(find /etc/mysql -type f -newermt 1971-01-01 2> /dev/null)" ]; then return; fi
  if ! said=$("$@" --verbose --help 2> /tmp/errors); then
    errors=$(< /tmp/errors)
    refuse $'mariadbd failed while attempting to check config\n\tcommand was: '"$* --verbose --help"$'\n\t'"$errors"
  fi
  DATADIR=$(sed -n 's/^datadir  *//p' <<< "$said")
  rm -f /tmp/errors
}

check_environment() {
  if [ -z "$MARIADB_ROOT_PASSWORD$MARIADB_ROOT_PASSWORD_HASH$MARIADB_ALLOW_EMPTY_ROOT_PASSWORD$MARIADB_RANDOM_ROOT_PASSWORD" ]; then
    refuse $'Database is uninitialized and password option is not specified\n\tYou need to specify one of MARIADB_ROOT_PASSWORD, MARIADB_ROOT_PASSWORD_HASH, MARIADB_ALLOW_EMPTY_ROOT_PASSWORD and MARIADB_RANDOM_ROOT_PASSWORD'
  fi
  if [ -n "$MARIADB_ROOT_PASSWORD_HASH" ] && [ -n "$MARIADB_ROOT_PASSWORD$MARIADB_ALLOW_EMPTY_ROOT_PASSWORD$MARIADB_RANDOM_ROOT_PASSWORD" ]; then
    refuse 'MARIADB_ROOT_PASSWORD_HASH cannot be there together with another MARIADB_ROOT_PASSWORD option.'
  fi
  if [ -n "$MARIADB_PASSWORD" ] && [ -n "$MARIADB_PASSWORD_HASH" ]; then refuse 'MARIADB_PASSWORD and MARIADB_PASSWORD_HASH cannot both be there.'; fi
  if [ "$MARIADB_USER" = root ]; then
    refuse 'MARIADB_USER="root": that user is there in any case. Set MARIADB_ROOT_PASSWORD for it, and leave MARIADB_USER out.'
  fi
  # What the server would refuse, said before anything is made.
  local hash
  for hash in "$MARIADB_ROOT_PASSWORD_HASH" "$MARIADB_PASSWORD_HASH"; do
    [[ -z "$hash" || "$hash" =~ ^\*[0-9A-Fa-f]{40}$ ]] || refuse "$hash is no password hash: SELECT PASSWORD('...') gives one"
  done
  [ ${#MARIADB_DATABASE} -le 64 ] || refuse 'MARIADB_DATABASE: the name of a database has at most 64 characters'
  [[ "$MARIADB_DATABASE" != *[[:space:]] ]] || refuse 'MARIADB_DATABASE: the name of a database cannot end with a space'
  [ ${#MARIADB_USER} -le 128 ] || refuse 'MARIADB_USER: the name of a user has at most 128 characters'
  if [ -n "$MARIADB_USER" ] && [ -z "$MARIADB_PASSWORD$MARIADB_PASSWORD_HASH" ]; then
    warn "MARIADB_USER is set without MARIADB_PASSWORD: the user $MARIADB_USER is not made"
  fi
  if [ -n "${MARIADB_REPLICATION_USER:-}${MARIADB_MASTER_HOST:-}" ]; then warn 'MARIADB_REPLICATION_... and MARIADB_MASTER_... are not done in this image'; fi
}

# identified PASSWORD HASH: the end of CREATE USER and of ALTER USER.
identified() {
  if [ -n "$2" ]; then printf 'IDENTIFIED BY PASSWORD %s;\n' "$(text "$2")"; else printf 'IDENTIFIED BY %s;\n' "$(text "$1")"; fi
}

# What the environment asks for, as SQL: one line for each, as the server wants it.
commands() {
  local root host
  # A hash of the root of this machine comes last: the scripts of the init folder have no password for it.
  if [ -z "$MARIADB_ROOT_PASSWORD_HASH" ]; then echo "ALTER USER root@localhost $(identified "$MARIADB_ROOT_PASSWORD")"; fi
  if [ -n "$MARIADB_ROOT_HOST" ] && [ "$MARIADB_ROOT_HOST" != localhost ]; then
    root="root@$(text "$MARIADB_ROOT_HOST")"
    echo "CREATE USER $root $(identified "$MARIADB_ROOT_PASSWORD" "$MARIADB_ROOT_PASSWORD_HASH")"
    echo "GRANT ALL ON *.* TO $root WITH GRANT OPTION;"
    # GRANT PROXY, which whoever sets up the server is not allowed to say.
    echo "INSERT INTO mysql.proxies_priv VALUES ($(text "$MARIADB_ROOT_HOST"), 'root', '', '', 1, '', now());"
  fi
  for host in localhost 127.0.0.1 ::1; do echo "CREATE USER healthcheck@'$host' IDENTIFIED BY '$HEALTHCHECK';"; done
  echo 'FLUSH PRIVILEGES;'
  if [ -n "$MARIADB_DATABASE" ]; then echo "CREATE DATABASE IF NOT EXISTS $(name "$MARIADB_DATABASE");"; fi
  if [ -n "$MARIADB_USER" ] && [ -n "$MARIADB_PASSWORD$MARIADB_PASSWORD_HASH" ]; then
    local user
    user="$(text "$MARIADB_USER")@$(text "${MARIADB_USER_HOST:-%}")"
    echo "CREATE USER $user $(identified "$MARIADB_PASSWORD" "$MARIADB_PASSWORD_HASH")"
    if [ -n "$MARIADB_DATABASE" ]; then echo "GRANT ALL ON $(name "${MARIADB_DATABASE//_/\\_}").* TO $user;"; fi
  fi
}

hash_of_root() {
  if [ -n "$MARIADB_ROOT_PASSWORD_HASH" ]; then echo "ALTER USER root@localhost $(identified '' "$MARIADB_ROOT_PASSWORD_HASH")"; fi
}

make_data() {
  if [ -n "$MARIADB_RANDOM_ROOT_PASSWORD" ]; then
    MARIADB_ROOT_PASSWORD=$(head -c 24 /dev/urandom | base64 -w 0)
    export MARIADB_ROOT_PASSWORD MYSQL_ROOT_PASSWORD=$MARIADB_ROOT_PASSWORD
    note "GENERATED ROOT PASSWORD: $MARIADB_ROOT_PASSWORD"
  fi
  note 'Initializing database files'
  tar -xzf "$READY" -C "$DATADIR" --no-same-owner
  HEALTHCHECK=$(head -c 24 /dev/urandom | base64 -w 0)
  # With this healthcheck.sh comes in.
  (umask 077 && printf '[client]\nuser=healthcheck\npassword=%s\n' "$HEALTHCHECK" > "$DATADIR/.my-healthcheck.cnf")
  note 'Database files initialized'
}

# A key and a certificate for TLS, of this container. Clients since 11.4 want it, and make sure of the server by the password.
make_key() {
  local folder=/run/mysqld
  if [ -e $folder/tls.cnf ] || [ ! -w $folder ]; then return; fi
  if (umask 077 && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj /CN=MariaDB \
    -keyout $folder/server-key.pem -out $folder/server-cert.pem 2> /dev/null); then
    printf '[mariadbd]\nssl\nssl-cert=%s/server-cert.pem\nssl-key=%s/server-key.pem\n' $folder $folder > $folder/tls.cnf
  fi
}

# SQL of its standard input is done by root, in the database that the environment names. Scripts of the init folder use it by this name.
docker_process_sql() {
  MYSQL_PWD=$MARIADB_ROOT_PASSWORD mariadb --protocol=socket -uroot -hlocalhost --socket="$SOCKET" ${MARIADB_DATABASE:+--database="$MARIADB_DATABASE"} "$@"
}

start_temporary() {
  note 'Starting temporary server'
  "$@" --skip-networking --skip-ssl --socket="$SOCKET" --init-file=/dev/fd/9 9<<< "$(commands)" &
  SERVER=$!
  note 'Waiting for server startup'
  local count=0
  # It makes its socket when it is ready.
  until [ -S "$SOCKET" ]; do
    kill -0 "$SERVER" 2> /dev/null || refuse 'Unable to start server.'
    [ $((count += 1)) -lt 1200 ] || refuse 'The server was not ready within ten minutes.'
    sleep 0.5
  done
  note 'Temporary server started.'
}

run_init_files() {
  local file
  for file in /docker-entrypoint-initdb.d/*; do
    case "$file" in
      *.sh)
        if [ -x "$file" ]; then
          note "$0: running $file"
          "$file"
        else
          note "$0: sourcing $file"
          . "$file"
        fi
        ;;
      *.sql) note "$0: running $file" && docker_process_sql < "$file" ;;
      *.sql.gz) note "$0: running $file" && gzip -dc "$file" | docker_process_sql ;;
      *.sql.xz) note "$0: running $file" && xz -dc "$file" | docker_process_sql ;;
      *) warn "$0: ignoring $file" ;;
    esac
  done
}

# As root: gives the folders to mysql, and begins again as that user.
become_mysql() {
  mkdir -p "$DATADIR"
  find "$DATADIR" \! -user mysql -exec chown mysql: '{}' +
  find "${SOCKET%/*}" -maxdepth 0 \! -user mysql -exec chown mysql: '{}' ';'
  note "Switching to dedicated user 'mysql'"
  exec env DATADIR="$DATADIR" setpriv --reuid=mysql --regid=mysql --clear-groups "$0" "$@"
}

main() {
  if [ "${1:0:1}" = - ]; then set -- mariadbd "$@"; fi
  if ! is_server "$1" || asks_only "$@"; then exec "$@"; fi
  # Options of MySQL 8 that people's compose files have and MariaDB has no use for: so written, it warns and goes on.
  set -- "${@/#--default-authentication-plugin/--loose-default-authentication-plugin}"
  set -- "${@/#--mysql-native-password/--loose-mysql-native-password}"
  set -- "${@/#--mysqlx/--loose-mysqlx}"
  note "Entrypoint script for MariaDB Server $MARIADB_VERSION started."
  # Not again once it has become mysql.
  if [ -z "${DATADIR:-}" ]; then check_settings "$@"; fi
  if [ "$(id -u)" = 0 ]; then become_mysql "$@"; fi
  for each in ROOT_PASSWORD ROOT_PASSWORD_HASH DATABASE USER USER_HOST PASSWORD PASSWORD_HASH RANDOM_ROOT_PASSWORD; do setting "$each"; done
  setting ROOT_HOST %
  # MySQL's image has a shorter name for it.
  setting ALLOW_EMPTY_ROOT_PASSWORD "${MYSQL_ALLOW_EMPTY_PASSWORD:-}"
  local sql=
  make_key
  if [ ! -d "$DATADIR/mysql" ]; then
    check_environment
    [ -w "$DATADIR" ] || refuse "The user $(id -u) may not write into $DATADIR, where the data is to be"
    make_data
    if [ -n "$(ls /docker-entrypoint-initdb.d)" ]; then
      start_temporary "$@"
      run_init_files
      hash_of_root | docker_process_sql
      note 'Stopping temporary server'
      kill "$SERVER"
      wait "$SERVER"
      note 'Temporary server stopped'
      note 'MariaDB init process done. Ready for start up.'
    else
      sql=$(commands; hash_of_root)
    fi
  fi
  export -n DATADIR
  unset "${!MARIADB_ROOT_@}" "${!MYSQL_ROOT_@}" {MARIADB,MYSQL}_PASSWORD{,_HASH}
  # Read before the server listens, from a pipe that nobody else sees.
  if [ -n "$sql" ]; then exec "$@" --init-file=/dev/fd/9 9<<< "$sql"; fi
  exec "$@"
}

main "$@"
