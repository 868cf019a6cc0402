#!/bin/sh
# Makes configuration files of templates: the variables in them that the environment has are replaced, nginx's own stay as they are.
set -e
templates=${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}
suffix=${NGINX_ENVSUBST_TEMPLATE_SUFFIX:-.template}
output=${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}
stream_suffix=${NGINX_ENVSUBST_STREAM_TEMPLATE_SUFFIX:-.stream-template}
stream_output=${NGINX_ENVSUBST_STREAM_OUTPUT_DIR:-/etc/nginx/stream-conf.d}
filter=${NGINX_ENVSUBST_FILTER:-}

say() {
  [ -n "${NGINX_ENTRYPOINT_QUIET_LOGS:-}" ] || echo "${0##*/}: $*"
}

# substitute SUFFIX OUTPUT: all templates with that suffix.
substitute() {
  find "$templates" -follow -type f -name "*$1" | sort | while read -r template; do
    name=${template#"$templates"/}
    result=$2/${name%"$1"}
    mkdir -p "$(dirname "$result")"
    say "Running envsubst on $template to $result"
    envsubst "$variables" <"$template" >"$result"
  done
}

[ -d "$templates" ] || exit 0
if [ ! -w "$output" ]; then
  say "ERROR: $templates exists, but $output is not writable"
  exit 0
fi
# ${NAME} of each variable whose name the filter matches.
variables=$(awk -v filter="$filter" 'BEGIN { for (name in ENVIRON) if (name ~ /^[A-Za-z_][A-Za-z0-9_]*$/ && name ~ filter) printf "${%s} ", name }')
substitute "$suffix" "$output"

if [ -n "$(find "$templates" -follow -type f -name "*$stream_suffix" -print -quit)" ]; then
  mkdir -p "$stream_output"
  if ! grep -qE '^[[:space:]]*stream[[:space:]]*\{' /etc/nginx/nginx.conf; then
    printf '\nstream {\n    include %s/*.conf;\n}\n' "$stream_output" >>/etc/nginx/nginx.conf
  fi
  substitute "$stream_suffix" "$stream_output"
fi
