# Print what zsh offers for each line of stdin, by the script _memc in the folder $1: each
# with a tab and what is shown for it.  An interactive zsh on a terminal of its own is
# asked; what it gives to compadd is printed, and nothing is inserted.
zmodload zsh/zpty
setup='
PROMPT= RPROMPT= LISTMAX=0
stty -onlcr -echo
fpath=(${(q)FOLDER} $fpath)
autoload -Uz compinit
compinit -u -D
zstyle ":completion:*" insert-tab false
compadd() {
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then # it only filters
        builtin compadd "$@"
        return
    fi
    local -a __hits __shown
    local i name
    if (( $@[(I)-d] )); then
        name=${@[$[${@[(i)-d]} + 1]]}
        [[ $name == \(* ]] && eval "__shown=$name" || __shown=("${(@P)name}")
    fi
    builtin compadd -A __hits -D __shown "$@"
    for ((i = 1; i <= $#__hits; i++)); do
        print -r -- "$IPREFIX$__hits[i]"$'\''\t'\''"${__shown[i]-}"
    done
    builtin compadd "$@"
}
offer() {
    print BEGIN
    _main_complete
    print @END@
    compstate[insert]= compstate[list]=
}
zle -C offer complete-word offer
bindkey "^I" offer
bindkey "^U" kill-whole-line
print @READY@'
zpty asked zsh -f -i
zpty -w asked "FOLDER=${(q)1}"
print -r -- "$setup" >$2
zpty -w asked "source ${(q)2}"
zpty -r asked got "*@READY@"
while IFS= read -r line; do
    zpty -w -n asked "$line"$'\t'
    zpty -r asked got "*@END@"
    print -r -- "BEGIN${${got##*BEGIN}%@END@}END"
    zpty -w -n asked $'\x15'
done
zpty -d asked
