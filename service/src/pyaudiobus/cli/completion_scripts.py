"""Completion scripts for bash and zsh, written from what the parsers take. Names on the bus are asked for when needed.

No name of the bus is ever expanded by the shell: a stream called `$(reboot)` is a name.
"""

from __future__ import annotations

from collections.abc import Sequence

from pyaudiobus.cli.completion_words import Argument, Command

_HEAD = "# Printed by: audiobus completion {0}. Do not edit."
_BASH = """\
_audiobus_kind() {{
    # What the word at place $2 behind command $1 is, or with a flag as $2 its value.
    case "$1 $2" in
{kinds}
    esac
}}

_audiobus_flags() {{
    case "$1" in
{flags}
    esac
}}

_audiobus() {{
    local current="${{COMP_WORDS[COMP_CWORD]}}" command="${{COMP_WORDS[1]}}" place=0 at kind word
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        kind="words:{commands} --help --version"
    elif [[ $current == -* ]]; then
        kind="words:$(_audiobus_flags "$command")"
    else
        kind="$(_audiobus_kind "$command" "${{COMP_WORDS[COMP_CWORD - 1]}}")"
        if [[ -z $kind || ${{COMP_WORDS[COMP_CWORD - 1]}} != -* ]]; then
            for ((at = 2; at < COMP_CWORD; at++)); do
                if [[ ${{COMP_WORDS[at]}} == -* ]]; then
                    [[ -n $(_audiobus_kind "$command" "${{COMP_WORDS[at]}}") ]] && ((at++))
                else
                    ((place++))
                fi
            done
            kind="$(_audiobus_kind "$command" "$place")"
            [[ -z $kind ]] && kind="$(_audiobus_kind "$command" more)"
        fi
    fi
    case "$kind" in
    words:*) mapfile -t COMPREPLY < <(compgen -W "${{kind#words:}}" -- "$current") ;;
    files) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    value | "") ;;
    *)
        while IFS= read -r word; do
            [[ $word == "$current"* ]] && COMPREPLY+=("$(printf %q "$word")")
        done < <("${{COMP_WORDS[0]}}" completion "$kind" 2>/dev/null)
        ;;
    esac
}}

complete -F _audiobus audiobus
"""
_ZSH = """\
_audiobus_names() {{
    local -a names
    names=(${{(f)"$("${{service:-audiobus}}" completion "$1" 2>/dev/null)"}})
    compadd -a names
}}

_audiobus() {{
    local -a commands
    commands=(
{commands}
    )
    if ((CURRENT == 2)); then
        _describe command commands
        return
    fi
    local command="$words[2]"
    shift words
    ((CURRENT--))
    case "$command" in
{cases}
    esac
}}

_audiobus "$@"
"""


def bash(commands: Sequence[Command]) -> str:
    """Return the script for bash."""
    kinds, flags = [], []
    for command in commands:
        for flag in command.flags:
            if flag.takes_value:
                patterns = " | ".join(f'"{command.name} {written}"' for written in flag.flags)
                kinds.append(f"    {patterns}) echo {_bash_kind(flag)} ;;")
        for place, word in enumerate(command.words):
            at = "more" if word.repeats else str(place)
            kinds.append(f'    "{command.name} {at}") echo {_bash_kind(word)} ;;')
        written = " ".join(text for flag in command.flags for text in flag.flags if text.startswith("--"))
        flags.append(f'    {command.name}) echo "{written}" ;;')
    names = " ".join(command.name for command in commands)
    body = _BASH.format(kinds="\n".join(kinds), flags="\n".join(flags), commands=names)
    return f"{_HEAD.format('bash')}\n\n{body}"


def zsh(commands: Sequence[Command]) -> str:
    """Return the script for zsh."""
    told = [f"        {_single(f'{command.name}:{command.summary}')}" for command in commands]
    cases = []
    for command in commands:
        specs = [spec for flag in command.flags for spec in _zsh_flag(flag)] + [
            _zsh_word(word) for word in command.words
        ]
        lines = " \\\n".join(f"            {spec}" for spec in specs)
        cases.append(f"    {command.name})\n        _arguments \\\n{lines}\n        ;;")
    body = _ZSH.format(commands="\n".join(told), cases="\n".join(cases))
    return f"#compdef audiobus\n{_HEAD.format('zsh')}\n\n{body}"


def _bash_kind(argument: Argument) -> str:
    if argument.words:
        return _single("words:" + " ".join(argument.words))
    return argument.kind or "value"


def _zsh_flag(flag: Argument) -> list[str]:
    many = "*" if flag.repeats else ""
    value = f":{_zsh_value(flag)}" if flag.takes_value else ""
    return [_single(f"{many}{written}[{_zsh_text(flag.summary)}]{value}") for written in flag.flags]


def _zsh_word(word: Argument) -> str:
    return _single(("*" if word.repeats else "") + f":{_zsh_value(word)}")


def _zsh_value(argument: Argument) -> str:
    name = _zsh_text(argument.summary)
    if argument.words:
        return f"{name}:({' '.join(argument.words)})"
    if argument.kind == "files":
        return f"{name}:_files"
    return f"{name}:_audiobus_names {argument.kind}" if argument.kind else f"{name}: "


def _zsh_text(text: str) -> str:
    for mark in ("\\", "[", "]", ":"):
        text = text.replace(mark, f"\\{mark}")
    return text


def _single(text: str) -> str:
    """Quote for a shell."""
    return "'" + text.replace("'", "'\\''") + "'"
