#!/bin/sh
# A plugin that stops answering in the middle of a campaign, so that the campaign can be ended just there:
# `held.sh FOLDER COMMAND...`. After 100 lines it waits for as long as FOLDER/hold is there, and says so by FOLDER/held.PID.
# FOLDER/lines.PID is all that it was asked.
set -u
folder=$1
shift
{
    if sed -u '100q5'; then
        exit 0 # the end of the input
    fi
    [ ! -e "$folder/hold" ] || : >"$folder/held.$$"
    while [ -e "$folder/hold" ]; do
        sleep 0.1
    done
    exec cat
} | tee "$folder/lines.$$" | exec "$@"
