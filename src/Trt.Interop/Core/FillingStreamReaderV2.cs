namespace Trt.Interop.Core;

/// <summary>As <see cref="FillingStreamReader"/>, for readers that fill host and device memory.</summary>
internal sealed class FillingStreamReaderV2(IStreamReaderV2 reader) : IStreamReaderV2, ICallbackWrapper
{
    public object Inner => reader;

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
