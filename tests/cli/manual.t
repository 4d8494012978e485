The manual page and the completions know what the program knows.

## Options that --help tells of and the page, or a completion, does not.
$ smref --help | sed -n 's/^  \([a-z]*\)  .*/\1/p' >commands
$ while read c; do smref $c --help | grep -o -e '--[a-z][a-z-]*' | sort -u | sed "s/^/$c /"; done <commands >options
$ while read c o; do grep -qe "Fl Fl ${o#--}" $TOP/interp/smref.1 || echo "$c $o"; done <options
$ while read c o; do grep -qe "$o" $TOP/interp/completions/smref.bash || echo "$c $o"; done <options
$ while read c o; do grep -qe "$o" $TOP/interp/completions/_smref || echo "$c $o"; done <options

## Commands.
$ while read c; do grep -q "^\.Ss smref $c" $TOP/interp/smref.1 || echo "$c"; done <commands
$ while read c; do grep -q "    $c)" $TOP/interp/completions/smref.bash || echo "$c"; done <commands
$ while read c; do grep -q "    ($c)" $TOP/interp/completions/_smref || echo "$c"; done <commands

## The page is well-formed, the completions parse.
$ ! command -v mandoc >/dev/null || mandoc -Tlint -Wwarning $TOP/interp/smref.1
$ ! command -v bash >/dev/null || bash -n $TOP/interp/completions/smref.bash
$ ! command -v zsh >/dev/null || zsh -n $TOP/interp/completions/_smref
