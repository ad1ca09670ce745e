# Print what bash offers for each line of stdin, by the script $1.  A line is split where
# readline splits it.
compopt() { asked_for+=" $2"; }
# shellcheck source=/dev/null
source "$1"
COMP_WORDBREAKS=$' \t\n"'\''><=;|&(:'
while IFS= read -r line; do
    COMP_LINE=$line COMP_POINT=${#line} asked_for=''
    COMP_WORDS=() rest=$line
    while [[ $rest =~ ^\ *([^\ =:\<\>]+|[=:\<\>]+) ]]; do
        COMP_WORDS+=("${BASH_REMATCH[1]}")
        rest=${rest:${#BASH_REMATCH[0]}}
    done
    [[ $line == *' ' ]] && COMP_WORDS+=('')
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _memc
    piece=${COMP_WORDS[COMP_CWORD]}
    [[ -z ${piece//[=:]/} ]] && piece=''
    # Readline completes files by itself if nothing else is there.
    if ((${#COMPREPLY[@]} == 0)); then
        [[ $asked_for == *default* ]] && mapfile -t COMPREPLY < <(compgen -f -- "$piece")
        [[ $asked_for == *dirnames* ]] && mapfile -t COMPREPLY < <(compgen -d -- "$piece")
    fi
    printf 'BEGIN\n'
    ((${#COMPREPLY[@]})) && printf '%s\n' "${COMPREPLY[@]}"
    printf 'END\n'
done
