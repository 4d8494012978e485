#!/bin/sh
# A plugin that stops answering in the middle of a campaign, so that the campaign can be ended just there:
# `held.sh FOLDER COMMAND...`. After 100 lines it says so by FOLDER/held.PID, and waits for as long as FOLDER/hold
# is there, two minutes at most. FOLDER/lines.PID is all that it was asked.
set -u
folder=$1
shift
{
    if sed -u '100q5'; then
        exit 0 # the end of the input
    fi
    [ ! -e "$folder/hold" ] || : >"$folder/held.$$"
    naps=0
    while [ -e "$folder/hold" ] && [ $naps -lt 1200 ]; do
        sleep 0.1
        naps=$((naps + 1))
    done
    exec cat
} | tee "$folder/lines.$$" | exec "$@"
