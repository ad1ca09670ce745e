# Completion of memc for fish 3.1 and later, made from its parsers.  What it offers stands
# here, or is read from /proc when TAB is pressed.
#
# Names of processes and control groups are what any program likes to write.  They are
# only ever compared and copied, never evaluated.  They are offered only if each character
# of them means nothing to a shell, and shown with "?" for any other.

# Print the root to look for processes in.
function __memc_proc
    set -l words (commandline -opc)
    set -l proc $MEMC_PROC
    for i in (seq (count $words))
        if test "$words[$i]" = --proc
            set proc $words[(math $i + 1)]
        else if string match -q -- '--proc=*' $words[$i]
            set proc (string replace -- --proc= '' $words[$i])
        end
    end
    test -n "$proc[1]" -a -d "$proc[1]"; or set proc /proc
    echo $proc[1]
end

# Print the lines of the file $argv[1] of each process, at most $argv[2] of each, with the
# paths of the files and a colon before them.
function __memc_lines
    set -l files (__memc_proc)/*/$argv[1]
    test -n "$files"; and command grep -a -s -H -m $argv[2] -e '' -- $files
end

function __memc_pid
    __memc_lines comm 1 | string replace -rf '^.*?/([0-9]+)/comm:(.*)$' '$1'\t'$2' |
        string replace -ra '[^A-Za-z0-9 _.:@/+()\t-]' '?'
end

# Print those of the words in which no character means anything to a shell.
function __memc_plain
    string match -r -- '^[A-Za-z0-9_/.][A-Za-z0-9_.:@/-]*$' $argv
end

function __memc_folder
    __fish_complete_directories (string replace -r '^--[^=]*=' '' -- (commandline -ct)) ''
end

# Print names of processes.
function __memc_name
    __memc_plain (__memc_lines comm 1 | string replace -rf '^.*?/[0-9]+/comm:' '')
end

# Print the paths of the control groups that have processes.
function __memc_groups
    # one line for each hierarchy: number, controllers, path
    set -l line '^.*?/[0-9]+/cgroup:[0-9]+:(?:|memory|[^:]*,memory):(/.*)$'
    __memc_lines cgroup 64 | string replace -rf $line '$1'
end

function __memc_cgroup
    set -l token (string replace -r '^--[^=]*=' '' -- (commandline -ct))
    if string match -q '/*' -- $token
        __memc_plain (__memc_groups)
    else
        __memc_plain (__memc_groups | string split -n /)
    end
end

# Print the first digits of the IDs of containers.
function __memc_container
    set -l part '^(?:.*[^0-9a-f])?([0-9a-f]{12})[0-9a-f]{52}(?:[^0-9a-f].*)?$'
    __memc_groups | string split -n / | string replace -rf $part '$1'
end

# Print the words in $argv behind those that are there, with commas between them.
function __memc_several
    set -l token (string replace -r '^--[^=]*=' '' -- (commandline -ct))
    set -l head (string match -r '^.*,' -- $token)
    test -n "$head"; or set head '' # no element would leave out all words
    for word in $argv
        contains -- $word (string split , -- "$head"); or echo $head$word
    end
end

# Print the options of the command $argv[1] whose value is the next word.
function __memc_takes
    switch $argv[1]
@TAKES@
    end
end

# Print the command, "" if there is none yet, and the targets before the cursor.
function __memc_targets
    set -l words (commandline -opc)
    set -e words[1]
    set -l name ''
    if contains -- "$words[1]" @COMMANDS@
        set name $words[1]
        set -e words[1]
    end
    set -l takes (__memc_takes $name)
    set -l left 0
    set -l dashes
    echo $name
    for word in $words
        if test $left -gt 0
            set left (math $left - 1)
        else if test -n "$dashes"
            echo $word
        else if test "$word" = --
            set dashes 1
        else if not string match -q -- '-*' $word
            echo $word
        else
            # once for each word of its value
            set left (count (string match -- $word $takes))
        end
    end
end

# Tell whether the cursor is at the first word behind memc.
function __memc_first
    set -l words (commandline -opc)
    test (count $words) -eq 1
end

# Tell whether the command is $argv[1], "" for none, and "--" begins no command line.
function __memc_in
    __memc_runs; and return 1
    set -l words (commandline -opc)
    if test -n "$argv[1]"
        test "$words[2]" = $argv[1]
    else
        not contains -- "$words[2]" @COMMANDS@
    end
end

# Tell whether the command is $argv[1], $argv[2] targets are there, or more if $argv[3] is
# "more", and the first of them is $argv[4], if that is given.
function __memc_at
    __memc_in $argv[1]; or return
    set -l targets (__memc_targets)
    set -l given (math (count $targets) - 1)
    test "$given" = $argv[2]; or test "$argv[3]" = more -a "$given" -ge $argv[2]; or return
    test -z "$argv[4]"; or test "$targets[2]" = "$argv[4]"
end

# Tell whether the command is $argv[1], and the word before the cursor the option $argv[2],
# whose value may be left out.
function __memc_after
    __memc_in $argv[1]; and test (commandline -opc)[-1] = $argv[2]
end

# Tell whether the words at the cursor are those of a command that memc shall run.
function __memc_runs
    set -l words (commandline -opc)
    contains -- "$words[2]" @RUNS@; and contains -- -- $words[3..-1]
end

# Complete the command line behind "--".
function __memc_command
    set -l words (commandline -opc)
    set -e words[1..(contains -i -- -- $words)]
    complete -C (string join ' ' -- (string escape -- $words) (commandline -ct))
end

complete -c memc -f
complete -c memc -n __memc_runs -x -a '(__memc_command)'
@LINES@
