#!/usr/bin/env bash
# Print the interpreter of one version of Python, or fail: tools/find-python.sh 3.15, or 3.15t for
# the build that has no GIL. Looks at PYTHON315 (for 3.15), the PATH, pyenv, and what
# tools/pythons.sh has unpacked.
set -u
cd "$(dirname "$0")/.."
version=$1
named=PYTHON${version//./}
number=${version%t}
pyenv=${PYENV_ROOT:-$HOME/.pyenv}/versions
for python in "${!named:-}" "python$version" "$pyenv/$number".*/bin/python "$PWD/.pythons/usr/bin/python$version"; do
  # A pyenv shim may be on the PATH and not work, and Debian's own may have no venv.
  "$python" -c "import ensurepip, sys, venv
sys.exit('{}.{}'.format(*sys.version_info) + 't' * ('t' in sys.abiflags) != '$version')" 2>/dev/null &&
    { command -v "$python"; exit; }
done
exit 1
