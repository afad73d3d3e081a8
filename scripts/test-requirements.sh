#!/bin/sh
# Installs what the tests need beside Go, git and make, on Debian and its kin, and says what and why.
#
#   scripts/test-requirements.sh            everything: a C compiler, PostgreSQL, strace, Node.js and its packages, Chromium, the AWS CLI
#   scripts/test-requirements.sh --check    installs nothing; says what is missing and ends with status 1
#
# POOLHOUSE_NO_INSTALL=1 means the same as --check. Nothing is started: the tests start their own servers.

set -eu
cd "$(dirname "$0")/.."

install=yes
[ "${1:-}" = --check ] && install=no
[ -n "${POOLHOUSE_NO_INSTALL:-}" ] && install=no

# Debian 12 has Node.js 18, which all the packages in e2e run on.
node_wanted=18

say() { printf '%s\n' "$*"; }
fail() {
	printf 'test requirements: %s\n' "$*" >&2
	exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }
node_version() { node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/'; }

packages=
missing=
# want PACKAGES REASON
want() {
	packages="$packages $1"
	missing="$missing
  $1: $2"
}

have go || fail "Go is missing; the version is in go.mod, the way to get it at https://go.dev/doc/install"

if ! have gcc && ! have clang; then
	want "gcc libc6-dev" "a C compiler, for Go's race detector"
elif ! [ -e /usr/include/stdlib.h ]; then
	want "libc6-dev" "the C library's headers, for Go's race detector"
fi
if [ -z "${POOLHOUSE_TEST_POSTGRES:-}" ] && ! ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; then
	want "postgresql" "the second database engine; the tests start private instances of it"
fi
have strace || want "strace" "sees that a write is synced before it is acknowledged"
if ! have node; then
	want "nodejs" "runs the official JavaScript SDK against the server"
elif [ "$(node_version)" -lt "$node_wanted" ]; then
	fail "node is $(node --version), and the tests in e2e need $node_wanted or later"
fi
if ! have npm; then
	want "npm" "installs the JavaScript packages that e2e/package-lock.json names"
fi
if [ -n "${CHROMIUM:-}" ]; then
	[ -x "$CHROMIUM" ] || fail "CHROMIUM names $CHROMIUM, which is no program"
elif ! have chromium && ! have chromium-browser && ! have google-chrome; then
	want "chromium" "runs the SDK in a real browser, against the server's CORS"
fi

if [ -n "${AWS_CLI:-}" ]; then
	[ -x "$AWS_CLI" ] || fail "AWS_CLI names $AWS_CLI, which is no program"
elif ! [ -x /usr/bin/aws ]; then
	want "awscli" "lives through a pool on a command line; AWS_CLI may name another one"
fi

by_hand() {
	fail "$1
Install these, then run this again:$missing"
}

if [ -n "$packages" ]; then
	[ "$install" = yes ] || by_hand "something is missing, and nothing is to be installed."
	have apt-get || by_hand "something is missing, and this machine has no apt-get."
	as_root=
	if [ "$(id -u)" != 0 ]; then
		have sudo || by_hand "something is missing; only root may install it, and there is no sudo."
		# A terminal can be asked for the password; without one sudo must do without.
		if [ -t 0 ]; then as_root=sudo; else as_root="sudo -n"; fi
		$as_root true || by_hand "something is missing; only root may install it, and sudo refuses."
	fi
	say "Installing with apt-get:$missing"

	# Debian starts a database as soon as it is installed. The tests want only its programs, so a policy
	# says no to starting services while this runs, unless the machine has a policy of its own.
	policy=/usr/sbin/policy-rc.d
	if ! [ -e $policy ]; then
		trap '$as_root rm -f $policy' EXIT
		trap 'exit 130' INT TERM
		printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
		$as_root chmod 755 $policy
	fi
	log=$(mktemp)
	quietly() {
		"$@" >"$log" 2>&1 && return
		cat "$log" >&2
		fail "this failed: $*"
	}
	quietly $as_root apt-get update
	# shellcheck disable=SC2086 # a list of words
	quietly $as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends $packages
	rm -f "$log"
	[ "$(node_version)" -ge "$node_wanted" ] ||
		fail "this Debian's node is $(node --version), and the tests in e2e need $node_wanted or later"
fi

# npm keeps its own copy of the lock file beside what it installed.
if ! [ -e e2e/node_modules/.package-lock.json ] || [ e2e/package-lock.json -nt e2e/node_modules/.package-lock.json ]; then
	[ "$install" = yes ] || fail "the packages of e2e/package-lock.json are not installed: run npm ci in e2e"
	say "Installing the Node.js packages of e2e/package-lock.json: the SDKs, a bundler, a mail server, a browser driver"
	(cd e2e && npm ci --no-progress --loglevel=error) || fail "npm ci failed in e2e; is the npm registry in reach?"
	touch e2e/node_modules/.package-lock.json
fi
say "Everything the tests need is here."
