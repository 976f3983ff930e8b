namespace Trt.Cli;

/// <summary>A table of a description: what a file has several of.</summary>
/// <param name="Title">Such as <c>inputs</c>; also the key of the JSON document.</param>
/// <param name="Columns">Headings; one that begins with <c>#</c> is a number's. The first column is the key by which two files are compared.</param>
/// <param name="Rows">Cells: texts, <see cref="long"/> for counts, <c>long[]</c> for extents, <see cref="FilePath"/> for files, null for nothing.</param>
internal sealed record Section(string Title, IReadOnlyList<string> Columns, IReadOnlyList<object?[]> Rows)
{
    /// <summary>A cell as text.</summary>
    public static string Text(object? cell) => cell switch
    {
        null => string.Empty,
        long number => Units.Count(number),
        FilePath file => Path.GetFileName(file.Path),
        IEnumerable<long> extents => Units.Shape(extents),
        _ => cell.ToString()!,
    };
}
