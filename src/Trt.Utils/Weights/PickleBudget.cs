namespace Trt.Utils;

/// <summary>
/// Keeps the work that a pickle can ask for in proportion to its size. A few bytes can name a value made before, so without this a small file could have the same long list copied
/// or the same long key hashed a million times.
/// </summary>
internal sealed class PickleBudget(string path, long pickleLength)
{
    private const int MostContainers = 1 << 21;

    /// <summary>A tensor takes about 45.</summary>
    private const int MostOperations = 1 << 24;

    private long work = (64 * pickleLength) + (1 << 20);
    private int containers;
    private int operations;

    /// <summary>Counts work, in about one byte's worth of copying or hashing.</summary>
    public void Charge(long amount)
    {
        work -= amount;
        if (work < 0)
        {
            throw new TorchFormatException(path, "Its pickle copies the same values over and over, far beyond its own size. The file is damaged or made to exhaust its reader.");
        }
    }

    /// <summary>Counts an operation, each of which may leave one value behind.</summary>
    public void Operation()
    {
        if (++operations > MostOperations)
        {
            throw new TorchFormatException(path, $"Its pickle has more than {MostOperations} operations. Save the tensors without the rest.");
        }
    }

    /// <summary>Counts a list, tuple, dictionary or set.</summary>
    public void Container()
    {
        if (++containers > MostContainers)
        {
            throw new TorchFormatException(path, $"Its pickle makes more than {MostContainers} lists, tuples and dictionaries. Save the tensors without the rest.");
        }
    }
}
