# Prints its input with the one place where FROM stands replaced by TO (in the environment, "\n" is the end of a line).
# Exit status 1: it does not stand there exactly once.
BEGIN {
    from = ENVIRON["FROM"]
    to = ENVIRON["TO"]
    # The replacement text of gsub knows & and \: split and join do not.
    count = split(from, part, "\\\\n")
    from = part[1]
    for (i = 2; i <= count; i++)
        from = from "\n" part[i]
    count = split(to, part, "\\\\n")
    to = part[1]
    for (i = 2; i <= count; i++)
        to = to "\n" part[i]
}
{ text = text $0 "\n" }
END {
    at = index(text, from)
    behind = substr(text, at + length(from))
    if (from == "" || !at || index(behind, from))
        exit 1
    printf "%s%s%s", substr(text, 1, at - 1), to, behind
}
