# shellcheck shell=bash
# The long-lived launcher: one attempt folder per line on stdin, one forked wrapper per line.
# Its stdout becomes descriptor 3 of the wrappers. It ends with its stdin; wrappers go on.
. "${0%/*}/wrapper.sh"

umask 077
exec 3>&1 4<&0 </dev/null >/dev/null 2>/dev/null
# What the daemon was started with is no task's business: a lock held by an inherited descriptor, say.
for tend_fd in /dev/fd/*; do
  case ${tend_fd##*/} in
    [0-4] | 255) ;;
    *) eval "exec ${tend_fd##*/}>&-" ;;
  esac
done
trap : PIPE
set -m

read -r tend_boot </proc/sys/kernel/random/boot_id || tend_boot=$(sysctl -n kern.bootsessionuuid)

# Whether `jobs` tells an exit from a signal is a detail of this bash: seen before it is relied upon.
tend_probe() {
  (exit 137) &
  wait $!
  jobs %+ || return 1
  (kill -KILL "${BASHPID:-$(exec sh -c 'echo "$PPID"')}") &
  wait $!
  ! jobs %+
}
tend_jobs=0
if tend_probe; then tend_jobs=1; fi

while read -r -u 4 tend_folder; do
  (
    exec 4<&-
    tend_attempt "$tend_folder"
  ) &
  # Otherwise every ended wrapper stays in the table of jobs, which each later fork copies and clears.
  disown
done
