# Print what fish offers for each line of stdin, by the script $argv[1]: each with a tab
# and what is shown for it.
source $argv[1]
while read -l line
    echo BEGIN
    complete -C $line
    echo END
end
