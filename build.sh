#!/usr/bin/env bash
# The commands of this repository; ./build.sh help lists them. The work itself is in build/Trt.Build.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

dotnet=
for candidate in "$(command -v dotnet || true)" "${DOTNET_ROOT:+$DOTNET_ROOT/dotnet}" "$HOME/.dotnet/dotnet" /usr/share/dotnet/dotnet /usr/lib/dotnet/dotnet; do
    if [ -n "$candidate" ] && [ -x "$candidate" ] && "$candidate" --list-sdks | grep -qE '^[1-9][0-9]+\.'; then
        dotnet=$candidate
        break
    fi
done
if [ -z "$dotnet" ]; then
    echo "The .NET SDK 10 or newer is needed and was not found. To install it into ~/.dotnet, where it will be found:" >&2
    echo "  curl -fsSL https://dot.net/v1/dotnet-install.sh | bash -s -- --channel 10.0" >&2
    exit 1
fi
export DOTNET_HOST_PATH=$dotnet DOTNET_ROOT=${DOTNET_ROOT:-$(dirname "$(readlink -f "$dotnet")")}
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 TRT_REPOSITORY=$root

project=$root/build/Trt.Build
if ! output=$("$dotnet" build "$project" -c Release -nologo -v quiet 2>&1); then
    printf '%s\n' "$output" >&2
    exit 1
fi
exec "$dotnet" "$project/bin/Release/net10.0/Trt.Build.dll" "$@"
