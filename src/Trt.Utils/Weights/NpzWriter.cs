using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Trt.Utils;

/// <summary>Writes NumPy archives: a zip archive with an array of NumPy's format 1.0 for each tensor.</summary>
internal static class NpzWriter
{
    /// <summary>What NumPy's own header is padded to.</summary>
    private const int Alignment = 64;

    private static readonly DateTimeOffset NoTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero); // the earliest that zip can say, as NumPy writes

    public static void Write(Stream stream, IReadOnlyDictionary<string, TorchTensor> tensors, CompressionLevel compression)
    {
        foreach ((string name, TorchTensor tensor) in tensors)
        {
            _ = Descriptor(tensor.DType) ?? throw new NotSupportedException($"Tensor \"{PickleText.Shorten(name)}\" is {tensor.DType.TorchName()}, which NumPy has no type for. {(tensor.DType.IsComplex() ? "Leave it out." : "Convert it with ConvertTo(TorchDType.Float32), or write .safetensors.")}");
        }

        using ZipArchive archive = new(stream, ZipArchiveMode.Create, leaveOpen: true);
        foreach ((string name, TorchTensor tensor) in tensors)
        {
            ZipArchiveEntry entry = archive.CreateEntry(name + ".npy", compression);
            entry.LastWriteTime = NoTime;
            using Stream array = entry.Open();
            WriteArray(array, tensor);
        }
    }

    /// <summary>Writes one array, as a .npy file holds it. NumPy has the tensor's type.</summary>
    public static void WriteArray(Stream stream, TorchTensor tensor)
    {
        stream.Write(Header(tensor));
        TensorOutput.Write(stream, tensor);
    }

    private static byte[] Header(TorchTensor tensor)
    {
        const int PrefixLength = 10;
        string shape = string.Concat(tensor.Shape.Select((size, i) => string.Create(CultureInfo.InvariantCulture, $"{(i > 0 ? " " : "")}{size}{(i + 1 < tensor.Shape.Length || i == 0 ? "," : "")}")));
        string text = $"{{'descr': '{Descriptor(tensor.DType)}', 'fortran_order': False, 'shape': ({shape}), }}";
        int length = (PrefixLength + text.Length + 1 + Alignment - 1) / Alignment * Alignment;
        byte[] header = new byte[length];
        NpyHeader.Magic.CopyTo(header, 0);
        header[6] = 1;
        BitConverter.TryWriteBytes(header.AsSpan(8), (ushort)(length - PrefixLength));
        header.AsSpan(PrefixLength).Fill((byte)' ');
        Encoding.ASCII.GetBytes(text, header.AsSpan(PrefixLength));
        header[^1] = (byte)'\n';
        return header;
    }

    private static string? Descriptor(TorchDType type) => type switch
    {
        TorchDType.Float64 => "<f8",
        TorchDType.Float32 => "<f4",
        TorchDType.Float16 => "<f2",
        TorchDType.Int64 => "<i8",
        TorchDType.Int32 => "<i4",
        TorchDType.Int16 => "<i2",
        TorchDType.Int8 => "|i1",
        TorchDType.UInt64 => "<u8",
        TorchDType.UInt32 => "<u4",
        TorchDType.UInt16 => "<u2",
        TorchDType.UInt8 => "|u1",
        TorchDType.Bool => "|b1",
        _ => null,
    };
}
