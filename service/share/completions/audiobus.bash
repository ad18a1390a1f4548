# Printed by: audiobus completion bash. Do not edit.

_audiobus_kind() {
    # What the word at place $2 behind command $1 is, or with a flag as $2 its value.
    case "$1 $2" in
    "play --device") echo value ;;
    "play --backend") echo 'words:auto tinycompress kernel' ;;
    "play --pcm") echo nodes ;;
    "play --speed") echo value ;;
    "play --render") echo files ;;
    "play --tap") echo files ;;
    "play --buffer") echo value ;;
    "play --fragments") echo value ;;
    "play --route") echo nodes ;;
    "play --suspend-after") echo value ;;
    "play --board") echo files ;;
    "play --progress") echo value ;;
    "play --volume") echo value ;;
    "play --replaygain") echo 'words:off track album' ;;
    "play --preamp") echo value ;;
    "play --remote") echo files ;;
    "play --to") echo sinks ;;
    "play more") echo files ;;
    "player --remote") echo files ;;
    "player 0") echo 'words:list status pause resume toggle stop next previous seek volume open' ;;
    "player more") echo players ;;
    "probe more") echo files ;;
    "devices --board") echo files ;;
    "board 0") echo 'words:check show apply' ;;
    "doctor --wait") echo value ;;
    "doctor --board") echo files ;;
    "status --remote") echo files ;;
    "status --from") echo files ;;
    "inspect --remote") echo files ;;
    "inspect 0") echo objects ;;
    "dump --remote") echo files ;;
    "monitor --remote") echo files ;;
    "monitor --kind") echo 'words:core client node port link device metadata sample player' ;;
    "monitor -n" | "monitor --count") echo value ;;
    "top --remote") echo files ;;
    "top -n" | "top --count") echo value ;;
    "top -d" | "top --delay") echo value ;;
    "volume --remote") echo files ;;
    "volume --limit") echo value ;;
    "volume --ramp") echo value ;;
    "volume 0") echo nodes ;;
    "volume more") echo value ;;
    "mute --remote") echo files ;;
    "mute 0") echo nodes ;;
    "mute 1") echo 'words:on off toggle' ;;
    "default --remote") echo files ;;
    "default 0") echo sinks ;;
    "card --remote") echo files ;;
    "card 0") echo 'words:list profile route' ;;
    "card 1") echo value ;;
    "card 2") echo value ;;
    "policy 0") echo 'words:order check test' ;;
    "set-default --remote") echo files ;;
    "set-default 0") echo sinks ;;
    "explain --remote") echo files ;;
    "explain --why-not") echo sinks ;;
    "explain --question") echo 'words:access profile route retry default target filter owner move role keys volume power' ;;
    "explain 0") echo streams ;;
    "settings --remote") echo files ;;
    "settings 0") echo 'words:list describe get set save reset watch' ;;
    "settings 1") echo value ;;
    "settings 2") echo value ;;
    "session --remote") echo files ;;
    "session 0") echo 'words:status hooks state reload forget' ;;
    "session 1") echo value ;;
    "move --remote") echo files ;;
    "move 0") echo streams ;;
    "move 1") echo sinks ;;
    "link --remote") echo files ;;
    "link 0") echo nodes ;;
    "link 1") echo nodes ;;
    "unlink --remote") echo files ;;
    "unlink 0") echo nodes ;;
    "unlink 1") echo nodes ;;
    "suspend --remote") echo files ;;
    "suspend 0") echo nodes ;;
    "resume --remote") echo files ;;
    "resume 0") echo nodes ;;
    "cat --remote") echo files ;;
    "cat --format") echo value ;;
    "cat --to") echo sinks ;;
    "cat --latency") echo value ;;
    "cat --name") echo value ;;
    "cat --volume") echo value ;;
    "cat 0") echo files ;;
    "record --remote") echo files ;;
    "record --from") echo nodes ;;
    "record --format") echo value ;;
    "record --seconds") echo value ;;
    "record --latency") echo value ;;
    "record --name") echo value ;;
    "record 0") echo files ;;
    "loopback --remote") echo files ;;
    "loopback --latency") echo value ;;
    "loopback --name") echo value ;;
    "loopback 0") echo nodes ;;
    "loopback 1") echo sinks ;;
    "filter --remote") echo files ;;
    "filter --for") echo sinks ;;
    "filter --before") echo value ;;
    "filter --after") echo value ;;
    "filter --format") echo value ;;
    "filter --volume") echo value ;;
    "filter --latency") echo value ;;
    "filter 0") echo value ;;
    "metadata --remote") echo files ;;
    "metadata --type") echo value ;;
    "metadata 0") echo 'words:get set delete watch' ;;
    "metadata 1") echo objects ;;
    "metadata 2") echo value ;;
    "metadata 3") echo value ;;
    "dot --remote") echo files ;;
    "dot --from") echo files ;;
    "profile --remote") echo files ;;
    "profile -n" | "profile --count") echo value ;;
    "profile --svg") echo files ;;
    "profile 0") echo nodes ;;
    "kill --remote") echo files ;;
    "kill 0") echo clients ;;
    "completion --remote") echo files ;;
    "completion 0") echo 'words:bash zsh' ;;
    esac
}

_audiobus_flags() {
    case "$1" in
    play) echo "--help --device --backend --pcm --decode --speed --render --tap --buffer --fragments --route --no-gapless --suspend-after --board --progress --volume --replaygain --preamp --follow --no-keys --json --remote --to --private" ;;
    player) echo "--help --json --remote --follow" ;;
    probe) echo "--help --json" ;;
    devices) echo "--help --json --board" ;;
    board) echo "--help" ;;
    doctor) echo "--help --json --wait --board" ;;
    status) echo "--help --json --remote --from" ;;
    inspect) echo "--help --json --remote" ;;
    dump) echo "--help --json --remote --compact" ;;
    monitor) echo "--help --json --remote --kind --new --count" ;;
    top) echo "--help --json --remote --batch --count --delay" ;;
    volume) echo "--help --json --remote --limit --ramp" ;;
    mute) echo "--help --json --remote" ;;
    default) echo "--help --json --remote --source --clear --dry-run" ;;
    card) echo "--help --json --remote --forget" ;;
    policy) echo "--help" ;;
    set-default) echo "--help --json --remote --source --clear --dry-run" ;;
    explain) echo "--help --json --remote --why-not --question" ;;
    settings) echo "--help --json --remote" ;;
    session) echo "--help --json --remote" ;;
    move) echo "--help --json --remote" ;;
    link) echo "--help --json --remote --passive --hold" ;;
    unlink) echo "--help --json --remote" ;;
    suspend) echo "--help --json --remote" ;;
    resume) echo "--help --json --remote" ;;
    cat) echo "--help --json --remote --format --to --latency --name --volume" ;;
    record) echo "--help --json --remote --from --monitor --format --seconds --latency --wav --name" ;;
    loopback) echo "--help --json --remote --latency --name" ;;
    filter) echo "--help --json --remote --for --before --after --format --volume --latency" ;;
    metadata) echo "--help --json --remote --type" ;;
    dot) echo "--help --json --remote --from --svg" ;;
    profile) echo "--help --json --remote --count --svg" ;;
    kill) echo "--help --json --remote" ;;
    completion) echo "--help --json --remote" ;;
    esac
}

_audiobus() {
    local current="${COMP_WORDS[COMP_CWORD]}" command="${COMP_WORDS[1]}" place=0 at kind word
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        kind="words:play player probe devices board doctor status inspect dump monitor top volume mute default card policy set-default explain settings session move link unlink suspend resume cat record loopback filter metadata dot profile kill completion --help --version"
    elif [[ $current == -* ]]; then
        kind="words:$(_audiobus_flags "$command")"
    else
        kind="$(_audiobus_kind "$command" "${COMP_WORDS[COMP_CWORD - 1]}")"
        if [[ -z $kind || ${COMP_WORDS[COMP_CWORD - 1]} != -* ]]; then
            for ((at = 2; at < COMP_CWORD; at++)); do
                if [[ ${COMP_WORDS[at]} == -* ]]; then
                    [[ -n $(_audiobus_kind "$command" "${COMP_WORDS[at]}") ]] && ((at++))
                else
                    ((place++))
                fi
            done
            kind="$(_audiobus_kind "$command" "$place")"
            [[ -z $kind ]] && kind="$(_audiobus_kind "$command" more)"
        fi
    fi
    case "$kind" in
    words:*) mapfile -t COMPREPLY < <(compgen -W "${kind#words:}" -- "$current") ;;
    files) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    value | "") ;;
    *)
        while IFS= read -r word; do
            [[ $word == "$current"* ]] && COMPREPLY+=("$(printf %q "$word")")
        done < <("${COMP_WORDS[0]}" completion "$kind" 2>/dev/null)
        ;;
    esac
}

complete -F _audiobus audiobus
