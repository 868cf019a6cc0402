echo 0 > /sys/fs/cgroup/box/cgroup.procs
hostname box
mount -t proc proc /box/root/proc
cd /box/root
mkdir -p old
pivot_root . old
umount -l /old
exec "$@"
