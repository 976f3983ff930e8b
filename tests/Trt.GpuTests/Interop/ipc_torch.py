"""Opens device memory of another process by its handle, as PyTorch sees it: checks what is there, writes something else.

usage: ipc_torch.py HANDLE OFFSET COUNT   (64 bytes in hex, bytes, elements of float32)
"""
import ctypes
import sys

import torch


class Handle(ctypes.Structure):
    _fields_ = [("reserved", ctypes.c_ubyte * 64)]


class Memory:
    """What torch.as_tensor wants of memory that it shall use as it is."""

    def __init__(self, pointer, count):
        self.__cuda_array_interface__ = {"shape": (count,), "typestr": "<f4", "data": (pointer, False), "version": 3}


handle = Handle.from_buffer_copy(bytes.fromhex(sys.argv[1]))
offset, count = int(sys.argv[2]), int(sys.argv[3])
torch.zeros(1, device="cuda")  # makes the context
driver = ctypes.CDLL("libcuda.so.1")
driver.cuIpcOpenMemHandle_v2.argtypes = [ctypes.POINTER(ctypes.c_uint64), Handle, ctypes.c_uint]
pointer = ctypes.c_uint64()
result = driver.cuIpcOpenMemHandle_v2(ctypes.byref(pointer), handle, 1)
if result != 0:
    sys.exit(f"cuIpcOpenMemHandle_v2: error {result}")
tensor = torch.as_tensor(Memory(pointer.value + offset, count), device="cuda")
expected = torch.arange(count, dtype=torch.float32, device="cuda") * 0.5
if not torch.equal(tensor, expected):
    sys.exit(f"the memory holds {tensor[:8].tolist()} ...")
tensor.mul_(4).add_(1)
torch.cuda.synchronize()
del tensor
driver.cuIpcCloseMemHandle(pointer)
print(f"torch {torch.__version__} wrote {count} values")
