#!/bin/sh
# `odd.sh MANNER`: a plugin with bad manners. It answers every step with {"outcome":"ok"}; in the case in which software
# reads offset 0x666, it does what MANNER says.
manner=$1
memory='"memory":[{"at":"0x80000000","size":"0x10000000"}]'
rest='"name":"odd","profile":"arch-3.4","shows":["outcome"],"depth":8'

case $manner in
ends-early) exit 4 ;;
silent) sleep 60 ;;
no-memory) memory='"comment":""' ;;
no-shows) rest='"profile":"arch-3.4"' ;;
shows-nothing) rest='"profile":"arch-3.4","shows":[]' ;;
shows-typo) rest='"profile":"arch-3.4","shows":["outcom"]' ;;
other-format) echo '{"format":"smref-snapshot","version":"1.0"}' ;;
other-version) echo '{"format":"smref-plugin","version":"2.0"}' ;;
no-profile) rest='"profile":"arch-9.9","shows":["outcome"]' ;;
greets-typo) rest="$rest,\"device\":[]" ;;
no-json) echo 'Hello!' ;;
esac

read -r line
echo "{\"format\":\"smref-plugin\",\"version\":\"1.0\",$memory,$rest}"

answer() { # NUMBER STEPS
    results=
    for _ in $2; do results="$results,{\"outcome\":\"ok\"}"; done
    echo "{\"case\":$1,\"results\":[${results#,}]}"
}

misbehave() { # NUMBER STEPS
    case $manner in
    ends) exit 3 ;;
    signal) kill -ABRT $$ ;;
    hangs) sleep 60 ;;
    closes) exec >&- && sleep 60 ;;
    once) [ -e "$2" ] || { : >"$2" && exit 5; } && answer "$1" "$3" ;;
    garbage) echo 'case done' ;;
    blank) echo ;;
    other-case) answer $(($1 + 1)) "$3" ;;
    few) answer "$1" 1 ;;
    more) answer "$1" "$3 1" ;;
    no-results) echo "{\"case\":$1}" ;;
    both) echo "{\"case\":$1,\"results\":[],\"error\":\"no\"}" ;;
    typo) echo "{\"case\":$1,\"results\":[{\"outcome\":\"ok\"},{\"outcome\":\"ok\",\"event\":[]}]}" ;;
    word) echo "{\"case\":$1,\"results\":[{\"outcome\":\"ok\"},{\"outcome\":\"okay\"}]}" ;;
    lacks) echo "{\"case\":$1,\"results\":[{\"outcome\":\"ok\"},{}]}" ;;
    endless) yes '{' | tr -d '\n' ;;
    refuses) echo "{\"case\":$1,\"error\":\"no MMIO\"}" ;;
    slow) sleep 0.2 && answer "$1" "$3" ;;
    esac
}

while read -r line; do
    number=${line#*:}
    number=${number%%,*}
    steps=$(echo "$line" | grep -o '"op"')
    case $line in
    *0x666*) misbehave "$number" "$2" "$steps" ;;
    *) answer "$number" "$steps" ;;
    esac
done
