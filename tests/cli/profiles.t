The ID registers of each profile agree with one another (6.3.1 to 6.3.6, 6.3.52 to 6.3.56, 6.3.110).

$ for p in $(smref spec list profiles | awk '{print $1}'); do printf '{"format": "smref-snapshot", "version": "1.0", "profile": "%s", "steps": [{"op": "identify"}]}' "$p" | smref run - | sed "s/^#0 identify -> /$p /"; done
arch-3.4-rme consistent
arch-3.4 consistent
qemu-10.0 consistent
qemu-11.1 consistent
rme-da consistent
rme consistent
secure-3.1 consistent
secure-3.2 consistent
