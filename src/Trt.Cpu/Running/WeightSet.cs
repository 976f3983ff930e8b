namespace Trt.Cpu;

/// <summary>Where the exchangeable weights of an engine are. It never changes: a refit makes another one, and a run keeps the one that it began with.</summary>
internal sealed class WeightSet
{
    private readonly nint[] addresses;
    private readonly NativeBlob?[] memory;
    private int holders = 1;

    /// <summary>Weights as a plan holds them; the plan's memory outlives every set.</summary>
    public WeightSet(nint[] addresses)
    {
        this.addresses = addresses;
        memory = new NativeBlob?[addresses.Length];
    }

    private WeightSet(nint[] addresses, NativeBlob?[] memory)
    {
        this.addresses = addresses;
        this.memory = memory;
        bool added = false;
        foreach (NativeBlob? blob in memory)
        {
            blob?.DangerousAddRef(ref added);
        }
    }

    /// <summary>Address of weights; 0 where they are missing.</summary>
    public nint this[int index] => addresses[index];

    /// <summary>The same set but for some weights, whose memory it holds from here on beside its owner.</summary>
    public WeightSet With(IReadOnlyList<(int Index, NativeBlob Memory)> changes)
    {
        nint[] nextAddresses = (nint[])addresses.Clone();
        NativeBlob?[] nextMemory = (NativeBlob?[])memory.Clone();
        foreach ((int index, NativeBlob blob) in changes)
        {
            nextAddresses[index] = blob.Address;
            nextMemory[index] = blob;
        }

        return new WeightSet(nextAddresses, nextMemory);
    }

    public void Hold() => Interlocked.Increment(ref holders);

    public void LetGo()
    {
        if (Interlocked.Decrement(ref holders) == 0)
        {
            foreach (NativeBlob? blob in memory)
            {
                blob?.DangerousRelease();
            }
        }
    }
}
