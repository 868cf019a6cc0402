# Makes an empty cluster with the image's own initdb, as its entrypoint would, packed for the image. Run in the guest, see guest-data.ts.
set -e
bin=/usr/lib/postgresql/16/bin
cluster=/tmp/cluster
install -d -o postgres -g postgres -m 700 $cluster
as() { setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }
export LANG=en_US.utf8
as "$bin/initdb" --username=postgres -D $cluster
# A new, nearly empty file of the log in the place of what making the cluster has written: the package has no pg_resetwal.
echo 'SELECT pg_switch_wal();' | as "$bin/postgres" --single -D $cluster postgres
cd $cluster
for file in pg_wal/0*; do [ "$file" = pg_wal/000000010000000000000002 ] || rm "$file"; done
[ -e pg_wal/000000010000000000000002 ]
# The databases are copies of the first: what is the same is copied again by the entrypoint.
for database in base/*; do
  [ "$database" = base/1 ] && continue
  for file in "$database"/*; do
    if cmp -s "$file" "base/1/${file##*/}"; then rm "$file"; fi
  done
done
tar --sort=name --mtime=@0 --owner=postgres --group=postgres -cSf /tmp/cluster.tar .
gzip -9n < /tmp/cluster.tar > /result
