#!/bin/sh
# As many workers as there are processors, where NGINX_ENTRYPOINT_WORKER_PROCESSES_AUTOTUNE asks for it.
set -e
[ -n "${NGINX_ENTRYPOINT_WORKER_PROCESSES_AUTOTUNE:-}" ] || exit 0
[ -w /etc/nginx/nginx.conf ] || exit 0
sed -i "s/^worker_processes .*/worker_processes  $(nproc);/" /etc/nginx/nginx.conf
