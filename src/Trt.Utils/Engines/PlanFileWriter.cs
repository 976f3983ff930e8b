using System.Security.Cryptography;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>Takes a plan piece by piece from a library into a file, and its hash with it.</summary>
internal sealed class PlanFileWriter(AtomicFile file) : IStreamWriter, IDisposable
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Bytes so far.</summary>
    public long Length { get; private set; }

    /// <summary>What went wrong; a library may not look at what a writer answers.</summary>
    public Exception? Failure { get; private set; }

    public long Write(ReadOnlySpan<byte> data)
    {
        try
        {
            file.Write(data);
            hash.AppendData(data);
            Length += data.Length;
            return data.Length;
        }
        catch (IOException error)
        {
            Failure = error;
            return 0;
        }
    }

    /// <summary>SHA-256 of what was written.</summary>
    public string Sha256() => Convert.ToHexStringLower(hash.GetCurrentHash());

    public void Dispose() => hash.Dispose();
}
