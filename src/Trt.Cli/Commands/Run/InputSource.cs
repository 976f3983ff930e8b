namespace Trt.Cli.Commands.Run;

/// <summary>What one <c>--input</c> names, before the model's inputs are known.</summary>
/// <param name="Text">As it was given.</param>
/// <param name="Input">The input that it is for; null: not said.</param>
/// <param name="Pictures">Files of pictures; empty when it is a file of arrays.</param>
/// <param name="Root">The folder that was named, for pictures from one.</param>
internal sealed record InputSource(string Text, string? Input, IReadOnlyList<string> Pictures, string? Root)
{
    /// <summary>Looks at the files.</summary>
    /// <param name="text">A folder, a pattern with * or ?, a picture, or what <see cref="TensorFiles"/> reads; with <c>input=</c> before it or not.</param>
    /// <exception cref="UserError">There is nothing such.</exception>
    public static IEnumerable<InputSource> Of(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        bool isFile = File.Exists(text) || Directory.Exists(text);
        string? input = isFile || equals < 1 ? null : text[..equals];
        string path = input is null ? text : text[(equals + 1)..];
        if (Directory.Exists(path))
        {
            string[] pictures = [.. CalibrationData.PicturesIn(path)];
            return pictures.Length > 0 ? [new InputSource(text, input, pictures, path)] : throw new UserError($"--input {text}: there are no pictures in the folder (.png, .jpg, .jpeg, .pgm, .ppm).");
        }

        if (!File.Exists(path) && path.AsSpan().ContainsAny('*', '?'))
        {
            return Matches(path, text).GroupBy(CalibrationData.IsPicture).SelectMany(group => group.Key
                ? [new InputSource(text, input, [.. group], Path.GetDirectoryName(path) is { Length: > 0 } root ? root : ".")]
                : group.Select(file => new InputSource(input is null ? file : $"{input}={file}", input, [], null)));
        }

        return !CalibrationData.IsPicture(path) ? [new InputSource(text, input, [], null)]
            : File.Exists(path) ? [new InputSource(text, input, [path], null)]
            : throw new UserError($"--input {text}: there is no file {path}.");
    }

    private static string[] Matches(string path, string text)
    {
        string folder = Path.GetDirectoryName(path) is { Length: > 0 } named ? named : ".";
        if (folder.AsSpan().ContainsAny('*', '?'))
        {
            throw new UserError($"--input {text}: * and ? stand in the last part of a path only; a folder is taken with its subfolders.");
        }

        string[] found = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, Path.GetFileName(path)).Order(StringComparer.Ordinal)] : [];
        return found.Length > 0 ? found : throw new UserError($"--input {text}: there is no such file.");
    }
}
