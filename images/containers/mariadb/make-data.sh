# Makes an empty data folder with the image's own server and tables, as its mariadb-install-db would, packed for the image. Run in the guest, see
# guest-data.ts. Not mariadb-install-db itself: it needs two programs of 4 MB each that nothing else uses.
set -e
data=/tmp/data
share=/usr/share/mariadb
install -d -o mysql -g mysql -m 755 $data
{
  printf '%s;\n' 'create database if not exists mysql' 'use mysql' 'set @auth_root_socket = null'
  # Without the help of `help select`: it would be a third of the data that each new server copies.
  cat $share/mariadb_system_tables.sql $share/mariadb_performance_tables.sql $share/mariadb_system_tables_data.sql
  cat $share/maria_add_gis_sp_bootstrap.sql $share/mariadb_sys_schema.sql
  # One root only, that of the socket: whatever else is to be comes from the entrypoint.
} | sed "/@current_hostname/d; /VALUES ('127.0.0.1','root'/d; /VALUES ('::1','root'/d" > /tmp/tables.sql
# The log and the undo space as small as they can be: they too are copied. A server with other settings changes them by itself.
mariadbd --no-defaults --bootstrap --user=mysql --datadir=$data --lc-messages-dir=$share --log-warnings=0 --enforce-storage-engine= \
  --max-allowed-packet=8M --net-buffer-length=16K --innodb-log-file-size=4M --innodb-undo-tablespaces=0 --innodb-use-native-aio=OFF \
  --innodb-fast-shutdown=0 --innodb-buffer-pool-dump-at-shutdown=OFF --skip-log-bin < /tmp/tables.sql
mariadbd --no-defaults --version | sed 's/.*Ver \([^ -]*-MariaDB\).*/\1/' | tr -d '\n' > $data/mariadb_upgrade_info
# What a server makes anew at its start.
rm -f $data/ibtmp1 $data/*.pid
ls -ls $data >&2
tar --sort=name --mtime=@0 --owner=mysql --group=mysql -C $data -cSf /tmp/data.tar .
gzip -9n < /tmp/data.tar > /result
