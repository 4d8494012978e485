# shellcheck shell=sh
# Packages of the machine's own Debian mirror without installing any; to be sourced. An apt state of its own takes the
# mirror, the keys and the proxies from the machine's apt configuration.

# Sets `site` and `key` (which may stay empty): the address of the mirror in the machine's apt sources, and what signs it.
find_mirror() {
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 1
    codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    found=$(apt-get indextargets --no-release-info 'Identifier: Packages' 2>/dev/null | awk -v codename="$codename" '
        function entry() {
            if (site != "" && component == "main" && !(site ~ /security/) && best < 1 + (release == codename)) {
                best = 1 + (release == codename)
                found = site
                key = signed
            }
            site = component = release = signed = ""
        }
        /^Site: /      { site = $2 }
        /^Component: / { component = $2 }
        /^Release: /   { release = $2 }
        /^Signed-By: / { signed = $2 }
        /^$/           { entry() }
        END            { entry(); if (found) print found, key }')
    site=${found%% *}
    key=${found#* }
    [ -n "$site" ]
}

# apt's own settings (proxies, time-outs, certificates) without the machine's hooks, state and sources. Then
# APT_CONFIG=FOLDER/apt.conf apt-get ... is that apt.
configure_apt() { # FOLDER ARCHITECTURE SUITE...
    root=$1
    architecture=$2
    shift 2
    mkdir -p "$root/lists/partial" "$root/archives/partial"
    : >"$root/status"
    {
        apt-config dump | grep '^Acquire::' | grep -v '^Acquire::IndexTargets'
        echo 'Acquire::Languages "none";'
        echo "Dir::Etc::parts \"/dev/null\"; Dir::Etc::main \"/dev/null\"; Dir::Etc::preferencesparts \"/dev/null\";"
        echo "Dir::Etc::sourcelist \"$root/sources.list\"; Dir::Etc::sourceparts \"/dev/null\";"
        echo "Dir::State \"$root\"; Dir::State::lists \"$root/lists\"; Dir::State::status \"$root/status\";"
        echo "Dir::Cache \"$root\"; Dir::Cache::archives \"$root/archives\";"
        echo "APT::Sandbox::User \"\"; APT::Architecture \"$architecture\"; APT::Architectures { \"$architecture\"; };"
    } >"$root/apt.conf"
    for suite; do
        echo "deb ${key:+[signed-by=$key] }$site $suite main"
    done >"$root/sources.list"
}
