#!/bin/sh
# Builds a private root and runs a command in it as an ordinary user. Runs as the first process of fresh mount, pid and
# network namespaces, so whatever is mounted here is seen by nobody else and gone with it.
#
#   room.sh <an empty folder> <project> <programs> <node> -- command…
#
# In the room: /opt/tend (the project), /opt/agents (the programs), /opt/node/bin/node, all read-only; an empty /home/dev,
# /tmp and /run; loopback and nothing else.
set -eu

root=$1 project=$2 programs=$3 node=$4
shift 5
user=61234

ip link set lo up

mount -t tmpfs -o mode=755,size=4g room "$root"
cd "$root"
mkdir -p opt/tend opt/agents opt/node/bin proc dev home/dev/repo home/dev/tmp tmp run var/tmp old
chmod 1777 tmp var/tmp

read_only() {
  mount --rbind "$1" "$2"
  # Where the outer namespace is not ours, some flags are locked; nobody in the room may write there anyway.
  mount -o remount,bind,ro "$2" 2>/dev/null || true
}
for folder in usr bin sbin lib lib32 lib64 libx32 etc sys; do
  if [ -L "/$folder" ]; then
    cp -P "/$folder" "$folder"
  elif [ -d "/$folder" ]; then
    mkdir "$folder"
    read_only "/$folder" "$folder"
  fi
done
read_only "$project" opt/tend
read_only "$programs" opt/agents
touch opt/node/bin/node
mount --bind "$node" opt/node/bin/node

# Programs ask who they are.
printf 'root:x:0:0:root:/root:/bin/sh\ndev:x:%s:%s:dev:/home/dev:/bin/bash\n' $user $user >passwd
printf 'root:x:0:\ndev:x:%s:\n' $user >group
mount --bind passwd etc/passwd
mount --bind group etc/group

mount --rbind /dev dev
mkdir -p dev/shm
mount -t tmpfs -o mode=1777 shm dev/shm
mount -t proc proc proc

pivot_root . old
cd /
umount -l /old
rmdir /old

# Not exec: this shell stays the first process, which buries the orphans of the others.
if [ "${ROOM_USER-}" = mapped ]; then
  chmod -R 700 /home/dev
  unshare --user --map-user=$user --map-group=$user "$@" </dev/null &
else
  chown -R $user:$user /home/dev
  setpriv --reuid=$user --regid=$user --clear-groups --inh-caps=-all "$@" </dev/null &
fi
wait $!
