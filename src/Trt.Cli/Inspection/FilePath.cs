namespace Trt.Cli;

/// <summary>A file in a table: people are shown its name, programs its path.</summary>
/// <param name="Path">As it was given.</param>
internal sealed record FilePath(string Path)
{
    public override string ToString() => Path;
}
