#!/bin/sh
# Set up everything that Lathe needs: LLVM with clang and lld, a C++ linker, Python's venv, and the package in it.
#   sh runs/setup.sh PYTHON VENV [EXTRAS]
# EXTRAS are those of the package, such as [dev,train]; without them it is what tunes programs, and small.
# On Debian and Ubuntu what is missing is installed with apt (as root, or through sudo); elsewhere the script
# says what to install, and stops. Nothing is done that is done already.
set -eu
python=$1 venv=$2 extras=${3:-}

# tests know LLVM 22's pipelines, Lathe itself runs with any of these
case "$extras" in *dev*) versions=22 ;; *) versions="22 21 20 19" ;; esac

have_tools() { [ -x "$1/bin/clang" ] && [ -x "$1/bin/opt" ] && [ -x "$1/bin/ld.lld" ]; }
have_llvm() {
    for version in $versions; do
        if have_tools "/usr/lib/llvm-$version"; then return 0; fi
    done
    [ -n "${LATHE_LLVM:-}" ] && have_tools "$LATHE_LLVM"
}
have_linker() { command -v c++ >/dev/null 2>&1; }
have_venv() { command -v "$python" >/dev/null 2>&1 && "$python" -c 'import venv, ensurepip' 2>/dev/null; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null 2>&1; then sudo "$@"; else give_up; fi
}
give_up() {
    echo "lathe: install these yourself, then run make again:" >&2
    have_llvm || echo "  - LLVM 22 with clang and lld (19 to 22 work): packages clang-22, llvm-22 and lld-22; or set LATHE_LLVM to its directory" >&2
    have_linker || echo "  - a C++ compiler for headers and linking: package g++" >&2
    have_venv || echo "  - Python 3.11 or newer with venv: packages python3 and python3-venv" >&2
    exit 1
}
install_missing() {
    command -v apt-get >/dev/null 2>&1 || give_up
    as_root apt-get update -q
    packages=
    have_linker || packages="$packages g++"
    have_venv || packages="$packages python3 python3-venv"
    if ! have_llvm; then
        for version in $versions; do
            if apt-cache show "clang-$version" >/dev/null 2>&1; then
                packages="$packages clang-$version llvm-$version lld-$version"
                break
            fi
        done
    fi
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $packages
    have_llvm && have_linker && have_venv || give_up
}

if ! { have_llvm && have_linker && have_venv; }; then install_missing; fi
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "lathe: $python is older than 3.11; name a newer one: make PYTHON=python3.12" >&2
    exit 1
}
ready="$venv/ready$extras"
if [ ! -e "$ready" ] || [ pyproject.toml -nt "$ready" ]; then
    "$python" -m venv "$venv"
    "$venv/bin/python" -m pip install -q --disable-pip-version-check -e ".$extras"
    touch "$ready"
fi
