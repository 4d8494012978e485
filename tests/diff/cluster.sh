# shellcheck shell=sh
# A Slurm cluster of this machine alone (`. tests/diff/cluster.sh`): munged, slurmctld and slurmd of its own, in a folder,
# with ports, keys and configuration of their own. Nothing of the system's services is touched, and systemd and control
# groups are not needed.
cluster_pids=

start_daemons() { # FOLDER PORT
    mkdir -p "$1/state" "$1/spool"
    rm -f "$1"/munge.*
    (umask 077 && head -c 128 /dev/urandom >"$1/munge.key")
    cat >"$1/slurm.conf" <<END
ClusterName=smref
SlurmctldHost=$(uname -n)(127.0.0.1)
SlurmctldPort=$2
SlurmdPort=$(($2 + 1))
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthInfo=socket=$1/munge.socket
StateSaveLocation=$1/state
SlurmdSpoolDir=$1/spool
SlurmctldPidFile=$1/slurmctld.pid
SlurmdPidFile=$1/slurmd.pid
SlurmctldLogFile=$1/slurmctld.log
SlurmdLogFile=$1/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=bf_interval=1
KillWait=2
SlurmdParameters=config_overrides
NodeName=$(uname -n) NodeAddr=127.0.0.1 CPUs=4
PartitionName=all Nodes=ALL Default=YES
END
    printf 'CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n' >"$1/cgroup.conf"
    SLURM_CONF=$1/slurm.conf
    export SLURM_CONF
    PATH=$PATH:/usr/sbin
    setpriv --pdeathsig TERM munged --foreground --origin=127.0.0.1 --socket="$1/munge.socket" --key-file="$1/munge.key" \
        --pid-file="$1/munge.pid" --seed-file="$1/munge.seed" >"$1/munged.said" 2>&1 &
    cluster_pids="$cluster_pids $!"
    until_true 10 [ -S "$1/munge.socket" ] || return 1
    setpriv --pdeathsig TERM slurmctld -D -i >"$1/slurmctld.said" 2>&1 &
    cluster_pids="$cluster_pids $!"
    setpriv --pdeathsig TERM slurmd -D >"$1/slurmd.said" 2>&1 &
    cluster_pids="$cluster_pids $!"
}

# shellcheck disable=SC2317 # by until_true
is_idle() { [ "$(timeout 5 sinfo --noheader --format=%T 2>/dev/null)" = idle ]; }

# The daemons end, and with them all that they started.
stop_cluster() {
    [ -z "$cluster_pids" ] || timeout 5 scancel --quiet --user="$(id -un)" 2>/dev/null
    for pid in $cluster_pids; do
        kill "$pid" 2>/dev/null
    done
    # shellcheck disable=SC2086 # a list
    {
        (sleep 15 && kill -KILL $cluster_pids) >/dev/null 2>&1 &
        impatience=$!
        wait $cluster_pids 2>/dev/null
        kill $impatience 2>/dev/null
    }
    cluster_pids=
}

# False: it does not run; FOLDER/said tells why.
start_cluster() { # FOLDER
    for port in $((20000 + $$ % 5000 * 2)) $((40000 + $$ % 5000 * 2)); do
        start_daemons "$1" $port && until_true 30 is_idle && return 0
        stop_cluster
        cat "$1"/*.said 2>/dev/null | grep -i error >"$1/said"
    done
    return 1
}
