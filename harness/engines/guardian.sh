# Outlives the process that started it, and removes what that process left behind, however it ended.
# Standard input is a journal, "+ kind id" and "- kind id" a line; its end means that the writer is gone.
# Kinds: process (a pid, negative for its group), folder (an absolute path), container (what remove-container.cjs takes, as
# three fields; the address of a socket may have spaces in it, and has no certificates).
remove_container() {
  name=${1%% *} host=${1#* } certificates=
  case $host in
    unix://*) ;;
    *' '*) certificates=${host#* } host=${host%% *} ;;
  esac
  "$NODE" "$REMOVE_CONTAINER" "$name" "$host" "$certificates"
}
journal=
while IFS= read -r line; do
  journal="$journal$line
"
done
printf '%s' "$journal" |
  awk '/^\+ /{left[substr($0, 3)] = 1} /^- /{delete left[substr($0, 3)]} END{for (entry in left) print entry}' |
  sort -r | # processes before the folders that they write to
  while read -r kind id; do
    case $kind in
      process) kill -s KILL -- "$id" 2>/dev/null ;;
      folder) rm -rf -- "$id" || { sleep 0.2; rm -rf -- "$id"; } ;;
      container)
        # It may be in the making, on behalf of a writer that didn't live to hear of it: ask again.
        for pause in 0 0.2 0.5 1 2 4; do
          sleep "$pause"
          remove_container "$id"
          [ $? -eq 1 ] || break
        done ;;
    esac
  done
