# shellcheck shell=bash
# Completion of memc for bash 4.2 and later, made from its parsers.  It starts no program:
# what it offers stands here, or is read from /proc by bash itself.
#
# Names of processes and control groups are what any program likes to write.  They are
# only ever compared and copied, never evaluated, and offered only if each character of
# them means nothing to a shell.

# Offer those of the words in $1 that begin with the word to complete.
__memc_words() {
    local word
    for word in $1; do
        [[ $word == "$cur"* ]] && COMPREPLY+=("$word")
    done
}

# Offer the words in $1, also behind a comma; those that are there already are left out.
__memc_several() {
    local head='' word
    compopt -o nospace 2>/dev/null # a comma may follow
    [[ $cur == *,* ]] && head=${cur%,*},
    for word in $1; do
        [[ ,$head == *",$word,"* ]] && continue
        [[ $head$word == "$cur"* ]] && COMPREPLY+=("$head$word")
    done
}

# Offer $1 unless a character of it means something to a shell, or it is there already.
__memc_name() {
    local LC_ALL=C
    [[ $1 == "$cur"* && $1 == [A-Za-z0-9_/.]* && $1 != *[!A-Za-z0-9_.:@/-]* ]] || return
    [[ -n ${seen[$1]-} ]] && return
    seen[$1]=1
    COMPREPLY+=("$1")
}

__memc_pid() {
    local path
    for path in "$proc"/[0-9]*; do
        path=${path##*/}
        [[ $path == "$cur"* && $path != *[!0-9]* ]] && COMPREPLY+=("$path")
    done
}

# Offer names of processes.
__memc_process() {
    local path name
    local -A seen=()
    for path in "$proc"/[0-9]*/comm; do
        { IFS= read -r name <"$path"; } 2>/dev/null && __memc_name "$name"
    done
}

# Set groups: the paths of the control groups that have processes.
__memc_groups() {
    local path line
    groups=()
    for path in "$proc"/[0-9]*/cgroup; do
        {
            while IFS= read -r line; do
                # one line for each hierarchy: number, controllers, path
                [[ $line == 0::/* || $line == *:memory:/* ]] && groups[${line#*:*:}]=1
            done <"$path"
        } 2>/dev/null
    done
}

__memc_cgroup() {
    local path part
    local -A groups seen=()
    __memc_groups
    for path in "${!groups[@]}"; do
        if [[ $cur == /* ]]; then
            __memc_name "$path"
            continue
        fi
        while [[ -n $path ]]; do
            part=${path##*/}
            path=${path%/*}
            [[ -n $part ]] && __memc_name "$part"
        done
    done
}

# Offer the first digits of the IDs of containers.
__memc_container() {
    local path
    local -A groups seen=()
    __memc_groups
    for path in "${!groups[@]}"; do
        while [[ $path =~ (^|[^0-9a-f])([0-9a-f]{64})([^0-9a-f]|$) ]]; do
            __memc_name "${BASH_REMATCH[2]:0:12}"
            path=${path#*"${BASH_REMATCH[2]}"}
        done
    done
}

__memc_user() {
    local name
    local -A seen=()
    while IFS= read -r name; do
        __memc_name "$name"
    done < <(compgen -u -- "$cur")
}

# Leave files to readline, which knows about quotes; beside other words offer them here.
__memc_file() {
    local name
    if ((${#COMPREPLY[@]} == 0)); then
        compopt -o default 2>/dev/null
        return
    fi
    compopt -o filenames 2>/dev/null
    while IFS= read -r name; do
        [[ $name == .* && $cur != .* ]] || COMPREPLY+=("$name")
    done < <(compgen -f -- "$cur")
}

__memc_folder() {
    compopt -o dirnames 2>/dev/null
}

# Complete the command line behind "--", whose place in COMP_WORDS is $1.
__memc_command() {
    local name
    if declare -F _command_offset >/dev/null; then
        _command_offset $(($1 + 1))
    elif declare -F _comp_command_offset >/dev/null; then
        _comp_command_offset $(($1 + 1))
    elif ((COMP_CWORD == $1 + 1)); then
        while IFS= read -r name; do
            COMPREPLY+=("$name")
        done < <(compgen -c -- "$cur")
    else
        compopt -o default 2>/dev/null
    fi
}

# Set kind: what completes the value of the option $2 of the command $1, and count: how
# many words that value has, 0 if it may be left out.  Fails if it takes none.
__memc_option() {
    count=1
    case "$1 $2" in
@OPTIONS@
    *) return 1 ;;
    esac
}

# Set kind: what completes target $2 of the command $1, if $3 is the first of them.
__memc_target() {
    case "$1 $2 $3" in
@TARGETS@
    *) kind='' ;;
    esac
}

# Set options: those of the command $1.
__memc_options() {
    case $1 in
@NAMES@
    esac
}

# Set words: those before the cursor, "--by=owner" being one; cur: the one at the cursor;
# place: which of COMP_WORDS "--" is.  Set keep: what readline leaves of cur as it is.
__memc_split() {
    local line=${COMP_LINE:0:COMP_POINT} piece i
    words=()
    cur='' keep='' place=-1
    for ((i = 0; i <= COMP_CWORD; i++)); do
        piece=${COMP_WORDS[i]}
        if [[ $line == [[:blank:]]* || $i -eq 0 ]]; then
            ((i > 0)) && words+=("$cur")
            cur=
            line=${line#"${line%%[![:blank:]]*}"}
        fi
        keep=$cur
        piece=${piece:0:${#line}}
        line=${line:${#piece}}
        cur+=$piece
        [[ $cur == -- && $place -lt 0 && $i -lt $COMP_CWORD ]] && place=$i
    done
    # Readline puts its words behind "=" and ":", if these divide words.
    [[ -n $piece && -z ${piece//[=:]/} && $COMP_WORDBREAKS == *"${piece: -1}"* ]] && keep=$cur
}

# Offer what completes a value of this kind: calls, with "|" between them.
__memc_offer() {
    local one
    while [[ -n $1 ]]; do
        one=${1%%|*}
        case $one in
        words\ *) __memc_words "${one#words }" ;;
        several\ *) __memc_several "${one#several }" ;;
        *) "__memc_$one" ;;
        esac
        [[ $1 == *\|* ]] || return
        set -- "${1#*|}"
    done
}

# Look for processes in the root $1, if bash would take it as it is written.
__memc_root() {
    [[ $1 != *[\\\'\"\$\`~]* ]] && proc=$1
}

_memc() {
    local IFS=$' \t\n' proc=${MEMC_PROC:-/proc} command='' first='' option=''
    local cur keep kind options dashes='' word words place count left=0 step=0 begin=1 i
    COMPREPLY=()
    __memc_split
    if ((${#words[@]} > 1)); then
        [[ " @COMMANDS@ " == *" ${words[1]} "* ]] && command=${words[1]} begin=2
    elif [[ $cur != -* ]]; then
        __memc_words '@COMMANDS@'
    fi
    for ((i = begin; i < ${#words[@]}; i++)); do
        word=${words[i]}
        if ((left > 0)); then
            left=$((left - 1))
            [[ $option == --proc ]] && __memc_root "$word"
        elif [[ $word == -- && -z $dashes ]]; then
            if [[ @RUNS@ ]]; then
                __memc_command "$place"
                return
            fi
            dashes=1 option=
        elif [[ $word == *[\<\>] ]]; then
            left=1 option='>'
        elif [[ -n $dashes || $word != -?* ]]; then
            ((step == 0)) && first=$word
            step=$((step + 1)) option=
        elif [[ $word == *=* ]]; then
            option=''
            [[ $word == --proc=* ]] && __memc_root "${word#*=}"
        else
            option=$word
            __memc_option "$command" "$option" && left=$count
        fi
    done
    if [[ $option == '>' && $left -gt 0 ]]; then
        compopt -o default 2>/dev/null
        return
    fi
    if ((left > 0)); then
        __memc_option "$command" "$option"
        __memc_offer "$kind"
    elif [[ $cur == --*=* && -z $dashes ]]; then
        word=${cur%%=*}=
        cur=${cur#*=}
        if __memc_option "$command" "${word%=}"; then
            __memc_offer "$kind"
            COMPREPLY=("${COMPREPLY[@]/#/$word}")
        fi
    elif [[ $cur == -* && -z $dashes ]]; then
        __memc_options "$command"
        __memc_words "$options"
    else
        # The value of the last option may be left out, as that of --unit.
        [[ -n $option ]] && __memc_option "$command" "$option" && __memc_offer "$kind"
        __memc_target "$command" "$step" "$first"
        __memc_offer "$kind"
    fi
    COMPREPLY=("${COMPREPLY[@]#"$keep"}")
}

complete -F _memc memc
