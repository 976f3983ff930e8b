#!/usr/bin/env bash
# Compiles what the program on a GPU compares itself with: libgpu_benchmark.so, in the folder that is named, or here.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${1:-$here}
mkdir -p "$out"
"${CXX:-g++}" -O2 -shared -fPIC -std=c++17 -pthread -I"$here/.." -o "$out/libgpu_benchmark.so" "$here"/*.cpp -ldl
echo "$out/libgpu_benchmark.so"
