using System.Globalization;
using Trt.Interop;
using Trt.Onnx;
using ParseCode = Trt.Interop.NvOnnxParser.ErrorCode;

namespace Trt.Cpu.Parsing;

/// <summary>Data of initializers in files beside the model. Only files in the model's folder and below are read, and only what is inside of them.</summary>
/// <param name="modelPath">The model's file, or null when it has none.</param>
internal sealed class ExternalData(string? modelPath)
{
    private readonly Dictionary<string, (FileStream Stream, long Length)> files = new(StringComparer.Ordinal);

    /// <summary>Copies an initializer's bytes out of its file.</summary>
    /// <param name="tensor">What names file, offset and length.</param>
    /// <param name="name">The initializer.</param>
    /// <param name="bytes">What its dimensions need.</param>
    public unsafe Weights Read(TensorProto tensor, string name, long bytes)
    {
        string? Entry(string key) => tensor.ExternalData.FirstOrDefault(entry => entry.Key == key)?.Value;

        if (Entry("location") is not { Length: > 0 } location)
        {
            throw Refuse(name, "its data is external, but no location says in which file");
        }

        (FileStream stream, long length) = Open(name, location);
        long offset = Number(Entry("offset"));
        long wanted = Entry("length") is { } text ? Number(text) : bytes;
        if (wanted != bytes)
        {
            throw Refuse(name, $"size mismatch, its external data has {wanted} bytes where dimensions and type need {bytes}");
        }

        if (offset < 0 || offset > length || bytes > length - offset)
        {
            throw Refuse(name, $"its data at offset {offset} with {bytes} bytes lies outside of {location}, which has {length} bytes");
        }

        NativeBlob blob = new(bytes);
        for (long done = 0; done < bytes;)
        {
            int part = (int)Math.Min(bytes - done, 1 << 24);
            int read = RandomAccess.Read(stream.SafeFileHandle, blob.Span(done, part), offset + done);
            done += read > 0 ? read : throw Refuse(name, $"{location} ended before its {length} bytes were read");
        }

        return new Weights(DataType.UInt8, blob.Address, bytes, blob);
    }

    /// <summary>Closes the files.</summary>
    public void Close()
    {
        foreach ((FileStream stream, _) in files.Values)
        {
            stream.Dispose();
        }

        files.Clear();
    }

    private (FileStream Stream, long Length) Open(string name, string location)
    {
        if (files.TryGetValue(location, out (FileStream, long) known))
        {
            return known;
        }

        string[] parts = location.Split('/', '\\');
        if (parts.Contains(".."))
        {
            throw Refuse(name, $"its data is in {location}, outside of the model's folder; only files in that folder and below are read");
        }

        // An absolute location is taken from the model's folder too, so that a model cannot name any file of the machine.
        string folder = Path.GetDirectoryName(Path.GetFullPath(modelPath ?? "model")) ?? string.Empty;
        string path = Path.Combine([folder, .. parts.Where(part => part.Length > 0 && !part.Contains(':', StringComparison.Ordinal))]);
        try
        {
            FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            return files[location] = (stream, stream.Length);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw Refuse(name, $"the file of its data cannot be opened: {error.Message}");
        }
    }

    /// <summary>The number that a text begins with, 0 when it begins with none.</summary>
    private static long Number(string? text)
    {
        string digits = text is null ? string.Empty : new string([.. text.Trim().TakeWhile((c, i) => char.IsAsciiDigit(c) || (i == 0 && c == '-'))]);
        return long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : 0;
    }

    private static ImportRefusal Refuse(string name, string why) => new(ParseCode.InvalidGraph, $"Failed to import initializer {name}: {why}.");
}
