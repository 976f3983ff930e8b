namespace Trt.Interop.Cuda;

/// <summary>A pool of the host stand-in: blocks that were freed wait for the next allocation of their size.</summary>
internal sealed class HostPool(HostDevice device, nuint maxBytes)
{
    private const nuint Alignment = 256;
    private readonly Lock gate = new();
    private readonly Dictionary<nuint, Stack<nint>> unused = [];
    private ulong threshold;
    private ulong reserved;
    private ulong reservedHigh;
    private ulong used;
    private ulong usedHigh;
    private bool isDestroyed;

    /// <summary>What may reach the memory; kept so that it can be read back, for all of it is the machine's.</summary>
    internal Dictionary<int, PoolAccess> Access { get; } = [];

    internal HostDevice Device { get; } = device;

    internal ulong[] Flags { get; } = [0, 1, 1, 1];

    internal nint Allocate(nuint bytes)
    {
        if (bytes == 0)
        {
            throw new CudaException(CudaResult.InvalidValue, "Allocate", "A block needs at least 1 byte.");
        }

        nuint size = checked((bytes + (Alignment - 1)) / Alignment * Alignment);
        lock (gate)
        {
            if (!unused.TryGetValue(size, out Stack<nint>? blocks) || !blocks.TryPop(out nint pointer))
            {
                if (maxBytes > 0 && reserved + size > maxBytes)
                {
                    FreeUnused(0);
                }

                if (maxBytes > 0 && reserved + size > maxBytes)
                {
                    throw new CudaException(CudaResult.OutOfMemory, "Allocate", $"{bytes} bytes were asked for of a pool on host:{Device.Ordinal} that may hold {maxBytes} and has {used} in use.");
                }

                pointer = Device.Allocate(size, "Allocate");
                reserved += size;
                reservedHigh = Math.Max(reservedHigh, reserved);
            }

            used += size;
            usedHigh = Math.Max(usedHigh, used);
            Device.Give(pointer, this, size);
            return pointer;
        }
    }

    /// <summary>A block that the stream has passed.</summary>
    internal void Return(nint pointer, nuint size)
    {
        lock (gate)
        {
            used -= size;
            if (isDestroyed || reserved - used > threshold)
            {
                Free(pointer, size);
                return;
            }

            if (!unused.TryGetValue(size, out Stack<nint>? blocks))
            {
                unused[size] = blocks = new Stack<nint>();
            }

            blocks.Push(pointer);
        }
    }

    internal void Trim(nuint bytesToKeep)
    {
        lock (gate)
        {
            FreeUnused(bytesToKeep);
        }
    }

    internal void Destroy()
    {
        lock (gate)
        {
            isDestroyed = true;
            FreeUnused(0);
        }
    }

    internal ulong Get(PoolAttribute attribute)
    {
        lock (gate)
        {
            return attribute switch
            {
                PoolAttribute.ReleaseThreshold => threshold,
                PoolAttribute.ReservedCurrent => reserved,
                PoolAttribute.ReservedHigh => reservedHigh,
                PoolAttribute.UsedCurrent => used,
                PoolAttribute.UsedHigh => usedHigh,
                >= PoolAttribute.ReuseFollowEventDependencies and <= PoolAttribute.ReuseAllowInternalDependencies => Flags[(int)attribute],
                _ => throw new CudaException(CudaResult.InvalidValue, "GetAttribute", $"A pool has no attribute {(int)attribute}."),
            };
        }
    }

    internal void Set(PoolAttribute attribute, ulong value)
    {
        lock (gate)
        {
            switch (attribute)
            {
                case PoolAttribute.ReleaseThreshold:
                    threshold = value;
                    break;
                case PoolAttribute.ReservedHigh when value == 0:
                    reservedHigh = reserved;
                    break;
                case PoolAttribute.UsedHigh when value == 0:
                    usedHigh = used;
                    break;
                case >= PoolAttribute.ReuseFollowEventDependencies and <= PoolAttribute.ReuseAllowInternalDependencies when value <= 1:
                    Flags[(int)attribute] = value;
                    break;
                default:
                    throw new CudaException(CudaResult.InvalidValue, "SetAttribute", $"{attribute} cannot be set to {value}.");
            }
        }
    }

    private void FreeUnused(nuint bytesToKeep)
    {
        foreach ((nuint size, Stack<nint> blocks) in unused)
        {
            while (reserved > bytesToKeep && blocks.TryPop(out nint pointer))
            {
                Free(pointer, size);
            }
        }
    }

    private void Free(nint pointer, nuint size)
    {
        reserved -= size;
        Device.Forget(pointer, "Free");
        HostDevice.Release(pointer);
    }
}
