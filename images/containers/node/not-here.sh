#!/bin/sh
# Stands where corepack would put pnpm.
name=${0##*/}
echo "$name is not in this sandbox's node image. npm and yarn do the same: npm install, npm ci, npm run NAME, npx NAME." >&2
exit 127
