#compdef memc
# Completion of memc for zsh 5.4 and later, made from its parsers.  It starts no program:
# what it offers stands here, or is read from /proc by zsh itself.
#
# Names of processes and control groups are what any program likes to write.  They are
# only ever compared and copied, never evaluated.  They are offered only if each character
# of them means nothing to a shell, and shown with "?" for any other.

# Set proc: where to look for processes.
__memc_proc() {
    proc=${opt_args[--proc]:-${MEMC_PROC:-/proc}}
    [[ -d $proc ]] || proc=/proc
}

# Set REPLY: a text of which nothing can act on a terminal.
__memc_shown() {
    emulate -L zsh
    local LC_ALL=C
    REPLY=${1//[^A-Za-z0-9 _.:@\/+()-]/?}
}

# Tell whether no character of a text means anything to a shell.
__memc_is_plain() {
    emulate -L zsh
    local LC_ALL=C
    [[ $1 == [A-Za-z0-9_/.]* && $1 != *[^A-Za-z0-9_.:@/-]* ]]
}

__memc_pid() {
    local proc dir name REPLY
    local -a pids shown
    __memc_proc
    for dir in $proc/<->(Nn:t); do
        name=
        { IFS= read -r name <$proc/$dir/comm } 2>/dev/null
        __memc_shown "$name"
        pids+=($dir)
        shown+=("${(r:8:)dir} $REPLY")
    done
    _wanted -V pids expl process compadd -l -d shown -a pids
}

__memc_process() {
    local proc dir name
    local -aU names
    __memc_proc
    for dir in $proc/<->(N); do
        name=
        { IFS= read -r name <$dir/comm } 2>/dev/null
        __memc_is_plain "$name" && names+=($name)
    done
    _wanted names expl 'name of a process' compadd -a names
}

# Set groups: the paths of the control groups that have processes.
__memc_groups() {
    local proc file line
    __memc_proc
    for file in $proc/<->/cgroup(N); do
        {
            while IFS= read -r line; do
                # one line for each hierarchy: number, controllers, path
                [[ $line == (0:|*:memory):/* ]] && groups+=(${line#*:*:})
            done <$file
        } 2>/dev/null
    done
}

__memc_cgroup() {
    local -aU groups names
    local group
    __memc_groups
    for group in $groups; do
        if [[ $PREFIX != /* ]]; then
            names+=(${(s:/:)group})
        else
            names+=($group)
        fi
    done
    groups=()
    for group in $names; do
        __memc_is_plain "$group" && groups+=($group)
    done
    _wanted cgroups expl 'control group' compadd -a groups
}

# The first digits of the IDs of containers.
__memc_container() {
    local -aU groups names
    local group part
    __memc_groups
    for group in $groups; do
        for part in ${(s:/:)group}; do
            part=${${part%.scope}##*-}
            [[ $#part -eq 64 && $part != *[^0-9a-f]* ]] && names+=($part[1,12])
        done
    done
    _wanted containers expl container compadd -a names
}

__memc_several() {
    _values -s , value "$@"
}

# What each sub-command takes.
@FORMS@

_memc() {
    local context state state_descr line expl command
    local -i place
    typeset -A opt_args
    local -a subcommands=(
@COMMANDS@
    )
    if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then
        _describe -t commands command subcommands
        __memc_pid
        return
    fi
    command=$words[2]
    if [[ -z $command || -z ${functions[__memc_of_$command]-} ]]; then
        __memc_of_
        return
    fi
    place=${words[(i)--]}
    if [[ @RUNS@ ]] && ((place < CURRENT)); then
        shift $place words
        CURRENT=$((CURRENT - place))
        _normal
        return
    fi
    shift words
    CURRENT=$((CURRENT - 1))
    curcontext="${curcontext%:*:*}:memc-$command:"
    "__memc_of_$command"
}

if [[ $funcstack[1] == _memc ]]; then # found in $fpath
    _memc "$@"
else
    compdef _memc memc
fi
