"""The same words for bash and for zsh: functions that both understand, and a few lines for each."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence

from .grammar import Grammar

_HEAD = "# What `pci-placement complete --shell {}` prints: made anew by `make completion`.\n"

_COMMON = r"""
# the kinds of words that may follow "$@", the words behind the program; $cur is what is typed
_pci_placement_kind() {
    local word command= waits= count=0
    for word in "$@"; do
        if [ -n "$waits" ]; then
            waits=
            continue
        fi
        case "$word" in
            -*=*) ;;
            -*)
                if [ -n "$(_pci_placement_value "$command" "$word")" ]; then waits=$word; fi
                ;;
            *)
                if [ -n "$(_pci_placement_next "$command${command:+ }$word")" ]; then
                    command=$command${command:+ }$word
                else
                    count=$((count + 1))
                fi
                ;;
        esac
    done
    if [ -n "$waits" ]; then
        _pci_placement_value "$command" "$waits"
    elif [ "${cur#-}" != "$cur" ]; then
        _pci_placement_options "$command"
    else
        if [ "$count" = 0 ]; then _pci_placement_next "$command" | sed '/^\.$/d'; fi
        _pci_placement_argument "$command" "$count"
    fi
}

# the words that may follow a beginning of commands; a dot where it is a command already
_pci_placement_next() {
    local name rest
    _pci_placement_commands | while read -r name; do
        rest=${name#"$1"}
        case "$1:$rest" in
            *:) echo . ;;
            :*) echo "${rest%% *}" ;;
            *:" "*) [ "$rest" = "$name" ] || { rest=${rest# } && echo "${rest%% *}"; } ;;
        esac
    done | sort -u
}

# one word a line of a kind: $1; behind it the program and the words before
_pci_placement_words() {
    local kind=$1
    shift
    case "$kind" in
        @addresses) _pci_placement_devices "$@" ;;
        @aliases) _pci_placement_asked "alias list -f value -c name" "$@" ;;
        @consumers | @nodes) _pci_placement_asked "complete --words ${kind#@}" "$@" ;;
        @*) ;;
        *) printf '%s\n' "$kind" | tr ' ' '\n' ;;
    esac
}

_pci_placement_devices() {
    local word before= sysfs=/sys
    for word in "$@"; do
        if [ "$before" = --sysfs ]; then sysfs=$word; fi
        before=$word
    done
    ls "$sysfs/bus/pci/devices" "$sysfs/class/net" 2>/dev/null | sed -e '/:$/d' -e '/^$/d'
}

# what a command prints: $1; with the configuration that is named on the line
_pci_placement_asked() {
    local asked=$1 program=$2 left word
    shift 2
    left=$#
    while [ "$left" -gt 1 ]; do
        case "$1" in
            --config-file | --config-dir | --sysfs)
                set -- "$@" "$1" "$2"
                shift 2
                left=$((left - 2))
                ;;
            *)
                shift
                left=$((left - 1))
                ;;
        esac
    done
    if [ "$left" = 1 ]; then shift; fi
    while read -r word; do
        set -- "$@" "$word"
    done <<<"$(printf '%s' "$asked" | tr ' ' '\n')"
    "$program" "$@" 2>/dev/null
}
"""

_BASH = r"""
_pci_placement() {
    local line=${COMP_LINE:0:COMP_POINT} cur kind kinds word words=()
    # bash makes words of what stands between colons, and addresses have some
    read -r -a words <<<"$line"
    case "$line" in *" ") words+=("") ;; esac
    cur=${words[${#words[@]} - 1]}
    unset "words[${#words[@]}-1]"
    kinds=$(_pci_placement_kind "${words[@]:1}")
    COMPREPLY=()
    while read -r kind; do
        case "$kind" in
            @files) while read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$cur") ;;
            @folders) while read -r word; do COMPREPLY+=("$word"); done < <(compgen -d -- "$cur") ;;
            *)
                while read -r word; do
                    if [[ -n $word && $word == "$cur"* ]]; then COMPREPLY+=("$word"); fi
                done < <(_pci_placement_words "$kind" "${words[@]}")
                ;;
        esac
    done <<<"$kinds"
    if [[ $cur == *:* && $COMP_WORDBREAKS == *:* ]]; then
        local typed=${cur%"${cur##*:}"}
        COMPREPLY=("${COMPREPLY[@]#"$typed"}")
    fi
}
complete -o filenames -o bashdefault -F _pci_placement pci-placement
"""

_ZSH = r"""
_pci_placement() {
    local cur=$PREFIX kind word
    local -a before found
    before=("${(@Q)words[1,CURRENT-1]}")
    for kind in "${(@f)$(_pci_placement_kind "${(@)before[2,-1]}")}"; do
        case "$kind" in
            @files) _files ;;
            @folders) _files -/ ;;
            *)
                found=("${(@f)$(_pci_placement_words "$kind" "${(@)before}")}")
                compadd -- "${(@)found:#}"
                ;;
        esac
    done
}

# by `source`, or by compinit from $fpath
if [ "${funcstack[1]}" = _pci-placement ]; then
    _pci_placement "$@"
else
    compdef _pci_placement pci-placement
fi
"""


def as_bash(grammars: Sequence[Grammar]) -> str:
    """A file for bash to source, or for bash-completion to find."""
    return _HEAD.format("bash") + _functions(grammars) + _COMMON + _BASH


def as_zsh(grammars: Sequence[Grammar]) -> str:
    """A file for zsh to source, or to find in $fpath."""
    return "#compdef pci-placement\n" + _HEAD.format("zsh") + _functions(grammars) + _COMMON + _ZSH


def _functions(grammars: Sequence[Grammar]) -> str:
    commands = [each.command for each in grammars if each.command]
    return "".join(
        [
            _function("commands", [f"printf '%s\\n' {shlex.join(commands)}"]),
            _function("options", _case('"$1"', _options(grammars))),
            _function("value", _case('"$1 $2"', _values(grammars))),
            _function("argument", _case('"$1 $2"', _arguments(grammars))),
        ]
    )


def _function(name: str, lines: Iterable[str]) -> str:
    body = "".join(f"    {line}\n" for line in lines)
    return f"\n_pci_placement_{name}() {{\n{body}}}\n"


def _case(what: str, cases: Iterable[tuple[str, str]]) -> Iterator[str]:
    """A choice by whole words; a pattern may end in a star of ours."""
    yield f"case {what} in"
    for pattern, words in cases:
        yield f"    {pattern}) echo {shlex.quote(words)} ;;"
    yield "esac"


def _options(grammars: Iterable[Grammar]) -> Iterator[tuple[str, str]]:
    for each in grammars:
        yield shlex.quote(each.command), " ".join(sorted(each.options))


def _values(grammars: Iterable[Grammar]) -> Iterator[tuple[str, str]]:
    """The options that take a value; those before a command may stand behind it, too."""
    for each in grammars:
        for option, kind in sorted(each.options.items()):
            if kind is not None:
                told = shlex.quote(f"{each.command} {option}")
                yield (told if each.command else f"*{shlex.quote(' ' + option)}"), kind


def _arguments(grammars: Iterable[Grammar]) -> Iterator[tuple[str, str]]:
    for each in grammars:
        for number, kind in enumerate(each.arguments):
            is_last = number == len(each.arguments) - 1
            place = f"{shlex.quote(each.command + ' ')}{'*' if is_last else number}"
            yield place, kind
