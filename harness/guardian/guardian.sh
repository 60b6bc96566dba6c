# Outlives the process that started it, and removes what that process left behind, however it ended.
# Standard input is a journal, "+ kind id" and "- kind id" a line; its end means that the writer is gone. An id has its
# newlines and backslashes escaped, as printf's %b reads them.
# Kinds: process (a pid, negative for its group), descendants (a pid), folder (an absolute path), container (what
# remove-container.cjs takes, as three fields; the address of a socket may have spaces in it, and has no certificates),
# run (what remove-run.cjs reads; it has a token, which no command line shows).
newline='
'
remove_container() {
  name=${1%% *} host=${1#* } certificates=
  case $host in
    unix://*) ;;
    *' '*) certificates=${host#* } host=${host%% *} ;;
  esac
  "$NODE" "$REMOVE_CONTAINER" "$name" "$host" "$certificates"
}

# The pids of a process's children: from /proc, since small images have no ps, and elsewhere from ps.
children_of() {
  if [ -r /proc/self/stat ]; then
    for file in /proc/[0-9]*/stat; do
      { read -r fields <"$file"; } 2>/dev/null || continue
      pid=${fields%% *} fields=${fields##*) ?}
      case $fields in " $1 "*) echo "$pid" ;; esac
    done
  else
    ps -A -o ppid= -o pid= | while read -r parent pid; do [ "$parent" != "$1" ] || echo "$pid"; done
  fi
}

# A process and all below it. One that is stopped starts no more.
kill_descendants() {
  kill -s STOP -- "$1" 2>/dev/null
  for child in $(children_of "$1"); do kill_descendants "$child"; done
  kill -s KILL -- "$1" 2>/dev/null
}

# $1: those of these kinds; processes go before the folders that they write to.
remove() {
  printf '%s' "$left" | while IFS= read -r entry; do
    kind=${entry%% *}
    case " $1 " in *" $kind "*) ;; *) continue ;; esac
    id=$(printf '%b.' "${entry#* }")
    id=${id%.}
    case $kind in
      process) kill -s KILL -- "$id" 2>/dev/null ;;
      descendants) kill_descendants "$id" ;;
      folder) rm -rf -- "$id" || { sleep 0.2; rm -rf -- "$id"; } ;;
      container)
        # It may be in the making, on behalf of a writer that didn't live to hear of it: ask again.
        for pause in 0 0.2 0.5 1 2 4; do
          sleep "$pause"
          remove_container "$id"
          [ $? -eq 1 ] || break
        done ;;
      run) printf '%s' "$id" | "$NODE" "$REMOVE_RUN" ;;
    esac
  done
}

left=$newline
while IFS= read -r line; do
  entry=${line#[+-] }
  case $line in
    '+ '*) case $left in *"$newline$entry$newline"*) ;; *) left=$left$entry$newline ;; esac ;;
    '- '*) case $left in *"$newline$entry$newline"*) left=${left%%"$newline$entry$newline"*}$newline${left#*"$newline$entry$newline"} ;; esac ;;
  esac
done
remove 'process descendants'
remove folder
remove container
remove run
