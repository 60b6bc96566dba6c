# Outlives the process that started it, and removes what that process left behind, however it ended.
# Standard input is a journal, "+ kind id" and "- kind id" a line; its end means that the writer is gone.
# Kinds: process (a pid), folder (an absolute path), container (an id).
awk '/^\+ /{left[substr($0, 3)] = 1} /^- /{delete left[substr($0, 3)]} END{for (entry in left) print entry}' |
  sort -r | # processes before the folders that they write to
  while read -r kind id; do
    case $kind in
      process) kill -9 "$id" 2>/dev/null ;;
      folder) rm -rf -- "$id" || { sleep 0.2; rm -rf -- "$id"; } ;;
      container)
        docker rm --force --volumes "$id" >/dev/null 2>&1 ||
          curl --silent --unix-socket "${DOCKER_HOST#unix://}" -X DELETE "http://docker/containers/$id?force=1&v=1" ;;
    esac
  done
