# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Completion for bash. The options are those that the help text of the command names.

_tlsfo()
{
	local word=${COMP_WORDS[COMP_CWORD]}
	local previous=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]}
	local choice=

	# bash makes three words of "--report=json".
	if [[ $word == '=' ]]; then
		word=
	elif [[ $previous == '=' ]]; then
		previous=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		choice='connect warm probe run store help --help --version'
	elif [[ $command == help ]]; then
		choice='connect warm probe run store'
	else
		case $previous in
		--cafile | --cert | --key | --key-password | --report-file)
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -f -- "$word")
			return
			;;
		--store)
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -d -- "$word")
			return
			;;
		--fast-open) choice='auto always never' ;;
		--report) choice='line text json none' ;;
		--servername | --pin | --alpn | --priority | --bind | --ports | --timeout | --idle-timeout) return ;;
		esac
	fi
	if [[ -z $choice && $word == -* ]]; then
		choice=$("${COMP_WORDS[0]}" help "$command" 2>/dev/null | grep -oE -- '--[a-z][a-z-]*')
	elif [[ -z $choice && $command == store && $previous == store ]]; then
		choice='list forget clear'
	elif [[ -z $choice && $command == run ]]; then
		mapfile -t COMPREPLY < <(compgen -c -- "$word" | sort -u)
		return
	elif [[ -z $choice ]]; then
		mapfile -t COMPREPLY < <(compgen -A hostname -A service -- "$word")
		return
	fi
	mapfile -t COMPREPLY < <(compgen -W "$choice" -- "$word" | sort -u)
}

complete -F _tlsfo tlsfo
