#!/bin/bash
# Puts WordPress into the folder that Apache serves, where it is not there yet, and writes its wp-config.php from WORDPRESS_... variables, as the
# official image does.
set -euo pipefail

SOURCE=/usr/src/wordpress

copy_wordpress() {
  echo >&2 "WordPress not found in $PWD - copying now..."
  if [ -n "$(find . -mindepth 1 -maxdepth 1 -not -name wp-content)" ]; then echo >&2 "WARNING: $PWD is not empty! (copying anyhow)"; fi
  # A folder that Docker made for a mount is root's.
  if [ "$(id -u)" = 0 ] && [ "$(stat -c %u:%g .)" = 0:0 ]; then chown "$OWNER" .; fi
  local keep=() place
  # Plugins and themes that are there, of another version perhaps, stay as they are.
  for place in "$SOURCE"/.htaccess "$SOURCE"/wp-content/*/*/; do
    place=${place#"$SOURCE"/}
    place=${place%/}
    if [ -e "$place" ]; then
      echo >&2 "WARNING: '$PWD/$place' exists! (not copying the WordPress version)"
      keep+=(--exclude "./$place")
    fi
  done
  if [ "${#keep[@]}" = 0 ] && [ "$(id -u)" = 0 ] && [ "$OWNER" = www-data:www-data ]; then
    # The same at half the price, for the files are www-data's already. With today's date: PHP keeps no file of 1970 as it is compiled.
    cp -r --preserve=mode,ownership --no-target-directory "$SOURCE" .
  else
    tar -C "$SOURCE" "${keep[@]}" --owner "${OWNER%:*}" --group "${OWNER#*:}" -cf - . | tar -xmf - --no-overwrite-dir
  fi
  echo >&2 "Complete! WordPress has been successfully copied to $PWD"
}

# Each phrase of the secret keys gets words of its own.
write_config() {
  echo >&2 "No 'wp-config.php' found in $PWD, but 'WORDPRESS_...' variables supplied; copying '$1' ($2)"
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    if [[ "$line" == *'put your unique phrase here'* ]]; then
      line=${line/put your unique phrase here/$(head -c 30 /dev/urandom | base64 -w 0)}
    fi
    printf '%s\n' "$line"
  done < "$1" > wp-config.php
  if [ "$(id -u)" = 0 ]; then chown "$OWNER" wp-config.php || true; fi
}

if [[ "${1:-}" == apache2* ]]; then
  if [ "$(id -u)" = 0 ]; then
    user=${APACHE_RUN_USER:-www-data}
    group=${APACHE_RUN_GROUP:-www-data}
    OWNER=${user#'#'}:${group#'#'}
  else
    OWNER=$(id -u):$(id -g)
  fi
  if [ ! -e index.php ] && [ ! -e wp-includes/version.php ]; then copy_wordpress; fi
  given="${!WORDPRESS_@}"
  if [ ! -s wp-config.php ] && [ -n "$given" ]; then
    for config in wp-config-docker.php "$SOURCE/wp-config-docker.php"; do
      if [ -s "$config" ]; then
        write_config "$config" "$given"
        break
      fi
    done
  fi
fi

exec "$@"
