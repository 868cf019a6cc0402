#!/bin/sh
# Starts Drydock on Linux and macOS with what is there: Node.js 18 or later, else Python 3.7 or later.
cd "$(dirname "$0")" || exit 1
if command -v node >/dev/null 2>&1 && node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 18 ? 1 : 0)'; then
  exec node serve.mjs "$@"
fi
if command -v python3 >/dev/null 2>&1 && python3 -c 'import sys; sys.exit(sys.version_info < (3, 7))'; then
  exec python3 serve.py "$@"
fi
echo "Drydock needs Node.js 18 or later, or Python 3.7 or later: install one of them (nodejs.org, python.org), then start this again." >&2
exit 1
