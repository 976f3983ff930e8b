using System.Globalization;

namespace Trt.Utils;

/// <summary>A tensor of an ONNX model whose values are in another file.</summary>
/// <param name="Tensor">The tensor's name.</param>
/// <param name="Location">The file, from the model's folder.</param>
/// <param name="Offset">Where its values begin, as the model says it; null: at the beginning.</param>
/// <param name="Length">Their bytes, as the model says it; null: not said.</param>
internal sealed record ExternalPart(string Tensor, string Location, string? Offset, string? Length)
{
    /// <summary>The file, or the sentence that says why it is none that may be read.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="refusal">What is wrong.</param>
    public string? Resolve(string folder, out string? refusal)
    {
        string[] pieces = Location.Split('/', '\\');
        refusal = pieces.Contains("..") ? $"\"{Location}\" leads out of the model's folder"
            : Path.IsPathRooted(Location) ? $"\"{Location}\" is no path below the model's folder"
            : null;
        if (refusal is not null)
        {
            return null;
        }

        string path = Path.Combine([folder, .. pieces.Where(piece => piece.Length > 0)]);
        FileInfo file = new(path);
        if (!file.Exists)
        {
            refusal = $"there is no file {path}";
            return null;
        }

        long offset = Number(Offset, 0), length = Number(Length, 0);
        if (offset < 0 || length < 0 || offset > file.Length || length > file.Length - offset)
        {
            refusal = $"its {length} bytes at offset {offset} lie outside of {path}, which has {file.Length} bytes";
            return null;
        }

        return path;
    }

    private static long Number(string? text, long missing) =>
        text is null ? missing : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : -1;
}
