#!/usr/bin/env bash
# Unpack this year's CPython out of Debian's unstable suite into a folder of its own: nothing of the
# system is touched. Needs apt and patchelf, which `make setup` brings.
#
#   tools/pythons.sh [--into FOLDER] [VERSION...]     default: --into .pythons 3.14 3.15
#
# The last lines are the interpreters, such as .pythons/usr/bin/python3.15; `make test-all` finds
# them there. What is already unpacked and runs is left as it is.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { echo "tools/pythons.sh: $*" >&2; exit 2; }

into=.pythons
if [ "${1:-}" = --into ]; then
  [ -n "${2:-}" ] || fail "--into needs a folder."
  into=$2; shift 2
fi
[ $# -gt 0 ] || set -- 3.14 3.15
for version in "$@"; do
  [[ ! $version =~ ^3\.[0-9]+t$ ]] || fail "Debian has no Python $version; build it with ./configure --disable-gil, and name it: PYTHON${version//./}=/path/to/python$version"
  [[ $version =~ ^3\.[0-9]+$ ]] || fail "'$version' is no version of Python; say for instance: tools/pythons.sh 3.15"
done
mkdir -p "$into" 2>/dev/null || fail "$into cannot be created; name another folder with --into."
into=$(realpath "$into")

# A virtual environment, sockets over TLS and the C library are what the project needs of one.
runs() { "$into/usr/bin/python$1" -c 'import ctypes, ensurepip, sqlite3, ssl, venv' 2>/dev/null; }

absent=()
for version in "$@"; do runs "$version" || absent+=("$version"); done

if [ ${#absent[@]} -gt 0 ]; then
  command -v apt-get >/dev/null && command -v dpkg >/dev/null ||
    fail "this machine has no apt; install Python ${absent[*]} in its own way (make test-all looks on the PATH and in pyenv)."
  PATH=$PWD/.venv/bin:$PATH
  command -v patchelf >/dev/null || fail "patchelf is missing; make setup brings it."
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  [ -e "$keyring" ] || fail "$keyring is missing; apt-get install debian-archive-keyring"
  # "URIs: ..." of the newer form, "deb [...] ... suite" of the older; Debian's own archive ends so.
  archive=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources} 2>/dev/null |
    sed 's/#.*//' | grep -oE '[a-z+]+:/[^ ]*/debian(\.list)?/?( |$)' | head -n 1 | tr -d ' ') || true
  [ -n "$archive" ] || fail "the machine's apt sources name no archive of Debian, where Python ${absent[*]} would be taken from."

  # An apt of its own: its lists, its cache, its idea of what is installed (nothing).
  apt=$into/apt
  trap 'rm -rf "$apt"' EXIT
  mkdir -p "$apt"/{etc/preferences.d,lists/partial,cache/archives/partial}
  : >"$apt/status"
  echo "deb [signed-by=$keyring] $archive sid main" >"$apt/etc/sources.list"
  cat >"$apt/apt.conf" <<CONFIG
Dir::Etc "$apt/etc"; Dir::Etc::sourcelist "$apt/etc/sources.list"; Dir::Etc::sourceparts "/dev/null";
Dir::State "$apt"; Dir::State::lists "$apt/lists"; Dir::State::status "$apt/status"; Dir::Cache "$apt/cache";
Acquire::Languages "none"; APT::Sandbox::User "root";
#clear APT::Update::Post-Invoke; #clear APT::Update::Post-Invoke-Success;
CONFIG
  ask() { apt-get -c "$apt/apt.conf" -qq "$@" >"$apt/log" 2>&1 || fail "apt could not fetch Python ${absent[*]}: $(grep -m 1 '^E:' "$apt/log" || tail -n 1 "$apt/log")"; }
  echo "Fetching Python ${absent[*]} of Debian unstable, some 50 MB ..."
  ask update
  wanted=()
  for version in "${absent[@]}"; do wanted+=("python$version" "python$version-venv"); done
  ask -y --no-install-recommends --download-only install "${wanted[@]}"

  echo "Unpacking into $into ..."
  for package in "$apt"/cache/archives/*.deb; do dpkg-deb -x "$package" "$into"; done
  # They need unstable's C library: each is told where its loader and libraries are now.
  loader=$(find "$into/usr/lib" -name 'ld-linux*.so.*' ! -type l | head -n 1)
  libraries=$(dirname "$(find "$into/usr/lib" -name libc.so.6 | head -n 1)")
  for version in "${absent[@]}"; do
    patchelf --set-interpreter "$loader" --force-rpath --set-rpath "$libraries" "$into/usr/bin/python$version"
    # ... and where the pip is that a new virtual environment gets.
    sed -i "s#'WHEEL_PKG_DIR': '/usr/#'WHEEL_PKG_DIR': '$into/usr/#" \
      "$into/usr/lib/python$version"/_sysconfigdata__linux_*.py
    runs "$version" || fail "Python $version was unpacked into $into and does not run: $("$into/usr/bin/python$version" -c 'import ctypes, ensurepip, sqlite3, ssl, venv' 2>&1 | tail -n 1)"
  done
fi
for version in "$@"; do echo "$into/usr/bin/python$version"; done
