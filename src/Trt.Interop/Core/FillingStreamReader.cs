using System.Runtime.CompilerServices;

namespace Trt.Interop.Core;

/// <summary>Asks a reader again until all that was wanted is there or it ends: libraries take a short read for a failure, and .NET's streams read short.</summary>
internal sealed class FillingStreamReader : IStreamReader, ICallbackWrapper
{
    private static readonly ConditionalWeakTable<IStreamReader, FillingStreamReader> Known = [];

    private readonly IStreamReader reader;

    private FillingStreamReader(IStreamReader reader) => this.reader = reader;

    public object Inner => reader;

    /// <summary>The one that stands in front of a user's reader.</summary>
    public static FillingStreamReader For(IStreamReader reader) => Known.GetValue(reader, static user => new FillingStreamReader(user));

    public APILanguage APILanguage => reader.APILanguage;

    public InterfaceInfo InterfaceInfo => reader.InterfaceInfo;

    public long Read(Span<byte> destination)
    {
        int filled = 0;
        while (filled < destination.Length)
        {
            long read = reader.Read(destination[filled..]);
            if (read < 0)
            {
                return read;
            }

            if (read == 0)
            {
                break;
            }

            filled += (int)Math.Min(read, destination.Length - filled);
        }

        return filled;
    }
}
