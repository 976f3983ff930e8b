"""What a Python program does before its first result, without the run: torch for memory, the library loaded, the plan read.

usage: cold_start.py LIBRARY PLAN
"""
import ctypes
import sys
import time

start = time.perf_counter()
import torch  # noqa: E402

imported = time.perf_counter()
memory = torch.empty(1 << 20, dtype=torch.float32, device="cuda")
memory.zero_()
torch.cuda.synchronize()
allocated = time.perf_counter()
library = ctypes.CDLL(sys.argv[1])
library.getInferLibVersion.restype = ctypes.c_int32
version = library.getInferLibVersion()
loaded = time.perf_counter()
with open(sys.argv[2], "rb") as file:
    plan = file.read()
done = time.perf_counter()
print(f"RESULT {version} {len(plan)}", flush=True)
print(f"import torch {(imported - start) * 1000:.0f} ms, memory {(allocated - imported) * 1000:.0f} ms, "
      f"library {(loaded - allocated) * 1000:.0f} ms, plan {(done - loaded) * 1000:.0f} ms", flush=True)
