using System.Security.Cryptography;
using System.Text;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>Where calibration data comes from.</summary>
internal sealed class CalibrationSource
{
    /// <summary>Begins to read for a network with these inputs; whoever reads disposes the enumerator.</summary>
    public required Func<IReadOnlyList<CalibrationInput>, CancellationToken, IEnumerable<CalibrationSample>> Read { get; init; }

    /// <summary>Whether samples are items without a batch axis, which are stacked, and not whole batches.</summary>
    public bool IsItems { get; init; }

    /// <summary>How many items make a batch where the network leaves it open; 0: as many as the first sample holds.</summary>
    public int BatchSize { get; init; }

    /// <summary>The greatest extents of an item, to which smaller ones are filled up with zeros; null where all must be equal.</summary>
    public Dims? MaxItemShape { get; init; }

    /// <summary>What tells this data from other data without reading all of it: names, lengths, times.</summary>
    public Func<IEnumerable<string>> Identity { get; init; } = () => [];

    /// <summary>A hash of the identity and of the first batch.</summary>
    public string Fingerprint(IEnumerable<byte[]> firstBatch)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string part in Identity())
        {
            hash.AppendData(Encoding.UTF8.GetBytes(part + "\n"));
        }

        foreach (byte[] input in firstBatch)
        {
            hash.AppendData(input);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
