#!/bin/sh
# The default server listens on IPv6 where the machine has it, unless somebody has changed its file.
set -e
file=/etc/nginx/conf.d/default.conf

say() {
  [ -n "${NGINX_ENTRYPOINT_QUIET_LOGS:-}" ] || echo "${0##*/}: info: $*"
}

if [ ! -f /proc/net/if_inet6 ]; then
  say "ipv6 not available"
elif [ ! -f "$file" ] || [ ! -w "$file" ]; then
  say "$file is not a file or cannot be written"
elif grep -q 'listen  *\[::\]:80;' "$file"; then
  say "IPv6 listen already enabled"
elif ! cmp -s "$file" /usr/share/nginx/default.conf; then
  say "$file differs from the packaged version"
else
  sed -i 's,^\( *\)listen  *80;,&\n\1listen  [::]:80;,' "$file"
  say "Enabled listen on IPv6 in $file"
fi
