# shellcheck shell=sh
# Runs one attempt: claims its folder, runs `run` (which opens its own output), records how that ended.
# Bash does so in a fork of launcher.sh; where there is no bash, any POSIX shell does through solo.sh.
#
# $1 is the attempt folder. Descriptor 3 takes hints: a line when claimed, a line when ended.
# Needs: tend_boot (id of this boot), tend_jobs (1: job control works and tells exits from signals).

tend_attempt() {
  cd -- "$1" || return 125
  # Handlers, not `ignore`: the command is to be born with the default dispositions.
  trap : TERM INT HUP PIPE
  tend_identify || return 125
  set -C
  # The one exclusive create. Whoever has it writes until the disk takes it.
  { until echo "$tend_identity"; do sleep 1; done; } >claim || {
    # Whoever asked for this launch is to look at who was first.
    echo "claim $1" >&3
    return 125
  }
  echo "claim $1" >&3
  tend_fed_by=
  if [ -d input ]; then tend_open_input; fi
  if [ "$tend_jobs" = 1 ]; then tend_run_as_job; else tend_run; fi
  # One that is over may have left its number to somebody else.
  if [ -n "$tend_fed_by" ] && [ ! -e input/over ]; then
    kill "$tend_fed_by"
    wait "$tend_fed_by"
  fi
  tend_record
  # Wakes whoever watches this file: the output, in the same folder, would wake them all the time.
  echo '# ended' >>run
  echo "exit $1" >&3
}

# Sets tend_identity to "pid start-time boot-id", and tend_session.
tend_identify() {
  tend_session=
  if read -r tend_stat </proc/self/stat; then
    # The program's name may hold spaces and parentheses: fields count from the last ")".
    set -f
    # shellcheck disable=SC2086
    set -- ${tend_stat##*) }
    set +f
    tend_session=$4
    tend_identity="${tend_stat%% *} ${20} $tend_boot"
  else
    tend_pid=$(exec sh -c 'echo "$PPID"')
    tend_start=$(LC_ALL=C TZ=UTC0 ps -o lstart= -p "$tend_pid") || return 1
    # shellcheck disable=SC2086
    set -- $tend_start
    tend_identity="$tend_pid $1_$2_$3_$4_$5 $tend_boot"
  fi
}

# The command leads a process group of its own, and its end is known exactly.
tend_run_as_job() {
  set -m
  (
    exec 3>&-
    . ./run
  ) &
  # From here on nothing may interrupt `wait`.
  trap '' TERM INT HUP PIPE
  echo "$! $tend_session" >>claim
  wait $!
  tend_code=$?
  if [ "$tend_code" -le 128 ]; then return; fi
  # A job that exited is still listed, one that a signal ended is not.
  if ! jobs %+ >/dev/null; then tend_code="signal $((tend_code - 128))"; fi
  # A bash that also reports a child which is only halted has not seen its end.
  while kill -0 $!; do
    sleep 1
    wait $!
    tend_code=$?
  done
}

# What waits as `input/1`, `input/2` … is written to the command's stdin by a process of its own, which knows how far it
# got, whatever becomes of the daemon; each line of `input/bell` lets it look. `input/fed` tells what it has written.
# It is here and in no file of its own: the launcher may outlive the installation that it was started from.
# shellcheck disable=SC2016
tend_feeder='
cat=
trap ": >>input/over" EXIT
trap "test -z \"\$cat\" || kill \$cat; exit" TERM HUP INT
next=1
open=
while read -r ring; do
  if [ "$ring" = open ]; then open=1; fi
  while [ -n "$open" ]; do
    file=input/$next
    [ -f "$file" ] || file=input/$next.end
    [ -f "$file" ] || break
    cat "$file" &
    cat=$!
    wait "$cat" || { echo "closed $(date +%s)" >>input/fed; exit; }
    cat=
    echo "$next $(date +%s)" >>input/fed
    case $file in *.end) exit ;; esac
    next=$((next + 1))
  done
done'

# Opened for both ends first, so that nobody waits for the other one. Nothing stays open here: the pipe ends when its
# feeder does, and breaks when the command has closed it.
tend_open_input() {
  mkfifo input/pipe input/bell || return
  {
    sh -c "$tend_feeder" tend-input <&6 >&5 3>&- 4<&- 5>&- 6<&- &
    tend_fed_by=$!
  } 4<>input/pipe 5>>input/pipe 6<>input/bell || return
  # `jobs` below is to know the command alone.
  if [ "$tend_jobs" = 1 ]; then disown "$tend_fed_by"; fi
}

# In the foreground, because without job control a POSIX shell makes background children ignore INT and
# QUIT. The shell names the signal that ended a child, except INT and PIPE: these stay 130 and 141.
tend_run() {
  {
    (
      exec 3>&-
      . ./run
    )
    tend_code=$?
  } 2>signal
  if [ "$tend_code" -gt 128 ] && [ -s signal ]; then tend_code="signal $((tend_code - 128))"; fi
  trap '' TERM INT HUP PIPE
}

# The last act of `run`; an environment that needs `env` replaces it.
tend_exec() {
  exec "$@"
}

# Not before the disk took it, and never over a record that is already there. A bash that enters a loop
# after a child has ended fills half a megabyte for statuses first: there is none where the disk does not refuse.
tend_record() {
  { echo "$tend_code" || until echo "$tend_code"; do sleep 1; done; } >exit && return
  # Recorded by the daemon, or the folder was deleted under us.
  until [ -e exit ] || [ ! -e run ]; do
    sleep 1
    { until echo "$tend_code"; do sleep 1; done; } >exit
  done
}
