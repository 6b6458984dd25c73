#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs the Debian packages of packages.txt that are missing.
#
# usage: tools/install_packages.sh [--check] [build|all]
#   build   what the daemon needs to build and run (default)
#   all     that and what the tests need
#   --check only says what is missing; exit 1 if anything is
#
# Needs no network and no rights when nothing is missing. Otherwise root, or sudo.
set -eu

list=$(dirname "$0")/../packages.txt
check=no
what=build
for arg in "$@"; do
    case $arg in
    --check) check=yes ;;
    build | all) what=$arg ;;
    -h | --help)
        sed -n '3,11s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
    *)
        echo "$0: unknown argument '$arg' (try --help)" >&2
        exit 64
        ;;
    esac
done
[ -r "$list" ] || {
    echo "$0: cannot read $list" >&2
    exit 1
}

# Lines "package command" of the wanted groups, comments gone.
wanted=$(awk -v what="$what" '
    { sub(/#.*/, "") }
    /^\[/ { group = substr($1, 2, length($1) - 2); next }
    NF && (what == "all" || group != "test") { print $1, $2 }' "$list")

missing=$(echo "$wanted" | while read -r package command; do
    if [ -n "$command" ] && command -v "$command" >/dev/null 2>&1; then
        continue
    fi
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || echo "$package"
done)

if [ -z "$missing" ]; then
    echo "packages: all $(echo "$wanted" | wc -l) of group '$what' are installed"
    exit 0
fi
# One line for people and for apt alike.
missing=$(echo "$missing" | tr '\n' ' ')
echo "packages: missing: $missing"
[ "$check" = no ] || exit 1

run=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || {
        echo "$0: run as root, or install sudo: apt-get install $missing" >&2
        exit 1
    }
    run=sudo
fi
echo "packages: installing them with apt-get"
export DEBIAN_FRONTEND=noninteractive
# Lists may be absent (a fresh container) or old: fetch them once, then install.
$run apt-get update -q
# shellcheck disable=SC2086 # one word a package
$run apt-get install -y -q --no-install-recommends -o Dpkg::Use-Pty=0 $missing
