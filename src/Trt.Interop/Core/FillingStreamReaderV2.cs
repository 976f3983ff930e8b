using System.Runtime.CompilerServices;

namespace Trt.Interop.Core;

/// <summary>As <see cref="FillingStreamReader"/>, for readers that fill host and device memory.</summary>
internal sealed class FillingStreamReaderV2 : IStreamReaderV2, ICallbackWrapper
{
    private static readonly ConditionalWeakTable<IStreamReaderV2, FillingStreamReaderV2> Known = [];

    private readonly IStreamReaderV2 reader;

    private FillingStreamReaderV2(IStreamReaderV2 reader) => this.reader = reader;

    public object Inner => reader;

    /// <summary>The one that stands in front of a user's reader.</summary>
    public static FillingStreamReaderV2 For(IStreamReaderV2 reader) => Known.GetValue(reader, static user => new FillingStreamReaderV2(user));

    public APILanguage APILanguage => reader.APILanguage;

    public InterfaceInfo InterfaceInfo => reader.InterfaceInfo;

    public long Read(nint destination, long nbBytes, nint stream)
    {
        long filled = 0;
        while (filled < nbBytes)
        {
            long read = reader.Read(destination + (nint)filled, nbBytes - filled, stream);
            if (read < 0)
            {
                return read;
            }

            if (read == 0)
            {
                break;
            }

            filled += Math.Min(read, nbBytes - filled);
        }

        return filled;
    }

    public bool Seek(long offset, SeekPosition where) => reader.Seek(offset, where);
}
