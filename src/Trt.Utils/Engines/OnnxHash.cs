using System.Security.Cryptography;
using System.Text;

namespace Trt.Utils;

/// <summary>One hash for an ONNX model and all that lies beside it.</summary>
internal static class OnnxHash
{
    private const int BufferBytes = 1 << 16;

    /// <summary>SHA-256 over the model and the files of its external data, in hexadecimal digits.</summary>
    /// <param name="model">A stream that can seek, at the model's first byte.</param>
    /// <param name="folder">Where external data is; null when there is none.</param>
    public static string Of(Stream model, string? folder)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, model);
        model.Position = 0;
        if (folder is not null)
        {
            foreach (string location in OnnxScan.Of(model).External.Where(part => part.Resolve(folder, out _) is not null).Select(part => part.Location).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            {
                hash.AppendData(Encoding.UTF8.GetBytes($"\n{location}\n"));
                using FileStream file = File.OpenRead(Path.Combine([folder, .. location.Split('/', '\\')]));
                Append(hash, file);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, Stream stream)
    {
        byte[] buffer = new byte[BufferBytes];
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
        }
    }
}
