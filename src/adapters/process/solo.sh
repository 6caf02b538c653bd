# shellcheck shell=sh
# One attempt in a shell of its own: $1 is the attempt folder, descriptor 3 takes hints.
. "${0%/*}/wrapper.sh"

umask 077
exec >/dev/null 2>/dev/null
read -r tend_boot </proc/sys/kernel/random/boot_id || tend_boot=$(sysctl -n kern.bootsessionuuid)
# shellcheck disable=SC2034
tend_jobs=0
tend_attempt "$1"
