namespace Trt.Utils;

/// <summary>Writes the elements of tensors, and files that appear only when they are whole.</summary>
internal static unsafe class TensorOutput
{
    private const int Piece = 1 << 26;

    /// <summary>The elements in order, straight from where they lie; those of a view by way of one copy.</summary>
    public static void Write(Stream stream, TorchTensor tensor) => tensor.Read(elements =>
    {
        for (long done = 0; done < tensor.ByteCount; done += Piece)
        {
            stream.Write(new ReadOnlySpan<byte>((byte*)elements + done, (int)Math.Min(Piece, tensor.ByteCount - done)));
        }

        return true;
    });

    public static void WriteFile(string path, Action<Stream> write)
    {
        using AtomicFile file = AtomicFile.Create(path);
        try
        {
            write(file.Stream);
        }
        catch (Exception error) when (FileErrors.IsRefusal(error))
        {
            throw FileErrors.Unwritable(file.Path, error);
        }

        file.Commit();
    }
}
