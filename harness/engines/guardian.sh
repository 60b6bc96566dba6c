# Outlives the process that started it, and removes what that process left behind, however it ended.
# Standard input is a journal, "+ kind id" and "- kind id" a line; its end means that the writer is gone.
# Kinds: process (a pid, negative for its group), folder (an absolute path), container (its name, a space, the DOCKER_HOST that it is on).
remove_container() {
  docker --host "$2" rm --force --volumes "$1" && return
  case $2 in
    unix://*) curl --silent --unix-socket "${2#unix://}" -X DELETE "http://docker/containers/$1?force=1&v=1" ;;
    *) curl --silent -X DELETE "http://${2#*://}/containers/$1?force=1&v=1" ;;
  esac
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
          remove_container "${id%% *}" "${id#* }" 2>&1 | grep -q 'No such container' || break
        done ;;
    esac
  done
