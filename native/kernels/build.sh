#!/bin/bash
# Compiles every *.cu of this folder to PTX: native/kernels/build.sh [OUT_DIR]   (default: src/Trt.Utils/Kernels)
# Needs nvcc and ptxas of a CUDA toolkit (NVCC and PTXAS name others); without nvcc, clang 15 or newer does (CLANG names it).
# A source that needs options of its own has them in a line "// nvcc: OPTIONS".
set -euo pipefail
cd "$(dirname "$0")"
out=${1:-../../src/Trt.Utils/Kernels}
mkdir -p "$out"
nvcc=${NVCC:-$(command -v nvcc || { [ -x /usr/local/cuda/bin/nvcc ] && echo /usr/local/cuda/bin/nvcc; } || true)}
ptxas=${PTXAS:-$(command -v ptxas || { [ -n "$nvcc" ] && [ -x "$(dirname "$nvcc")/ptxas" ] && echo "$(dirname "$nvcc")/ptxas"; } || true)}
clang=${CLANG:-$(compgen -c clang- | grep -E '^clang-[0-9]+$' | sort -t- -k2 -n | tail -1 || command -v clang || true)}
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

for source in *.cu; do
  name=${source%.cu}
  options=$(sed -n 's|^// nvcc: *||p' "$source" | head -1)
  if [ -n "$nvcc" ]; then
    command="nvcc -ptx -arch=compute_75 -O3 $options $source"
    # shellcheck disable=SC2086
    "$nvcc" -ptx -arch=compute_75 -O3 $options "$source" -o "$work/$name.ptx"
    compiler=$("$nvcc" --version | sed -n 's/.*release [^,]*, V/CUDA /p')
  elif [ -n "$clang" ]; then
    contract=fast
    case " $options " in *" --fmad=false "*) contract=off ;; esac
    command="$clang -x cuda --cuda-device-only --cuda-gpu-arch=sm_75 -nocudainc -nocudalib -include clang_cuda.h -O3 -ffp-contract=$contract -S $source"
    "$clang" -x cuda --cuda-device-only --cuda-gpu-arch=sm_75 -nocudainc -nocudalib -include clang_cuda.h -O3 -ffp-contract=$contract \
      -Wno-unknown-cuda-version -S "$source" -o "$work/$name.ptx"
    compiler=$("$clang" --version | head -1)
  else
    echo "$source: neither nvcc nor clang is here; install a CUDA toolkit or clang, or set NVCC or CLANG." >&2
    exit 1
  fi

  # Drivers refuse a PTX release newer than theirs, and compilers write their own: the oldest that the code assembles with is taken.
  # A hint about loads, which nothing before PTX 8.3 knows.
  sed -i '/\.pragma "used_bytes_mask/d' "$work/$name.ptx"
  release=$(sed -n 's/^\.version \([0-9.]*\).*/\1/p' "$work/$name.ptx")
  lowered=$release
  [ -n "$ptxas" ] || echo "$name.ptx keeps PTX $release: there is no ptxas to say if an older one will do." >&2
  if [ -n "$ptxas" ]; then
    for older in 6.4 6.5 7.0 7.1 7.2 7.3 7.4 7.5 7.6 7.7 7.8 8.0 "$release"; do
      sed "s/^\.version .*/.version $older/" "$work/$name.ptx" > "$work/try.ptx"
      if "$ptxas" -arch=sm_75 "$work/try.ptx" -o "$work/try.cubin" 2> "$work/ptxas.log"; then
        lowered=$older
        break
      fi
      [ "$older" != "$release" ] || { cat "$work/ptxas.log" >&2; exit 1; }
    done
  fi

  {
    echo "// $command   ($compiler; .version $release lowered to $lowered)"
    sed -e "s/^\.version .*/.version $lowered/" -e '/^\/\//d' -e '/^[[:space:]]*$/d' "$work/$name.ptx"
  } > "$out/$name.ptx"
  echo "$name.ptx: $(wc -c < "$out/$name.ptx") bytes, PTX $lowered (written as $release), $compiler"
done
