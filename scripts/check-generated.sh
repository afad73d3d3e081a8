#!/bin/sh
# Generates again and fails when a generated file changes, appears or goes. The new files stay, to be committed.

set -eu
cd "$(dirname "$0")/.."

sums() {
	find . -name '*_gen.go' -not -path '*/node_modules/*' -exec cksum {} + | sort -k 3
}

before=$(sums)
[ -n "$before" ] || {
	echo "generated code: no *_gen.go file is there" >&2
	exit 1
}
go generate ./...
after=$(sums)
if [ "$before" != "$after" ]; then
	echo "generated code: these were not what their generators make; commit what stands there now:" >&2
	printf '%s\n%s\n' "$before" "$after" | sort | uniq -u | sed 's/^[^ ]* [^ ]* /  /' | sort -u >&2
	exit 1
fi
