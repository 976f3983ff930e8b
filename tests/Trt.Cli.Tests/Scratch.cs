namespace Trt.Cli.Tests;

/// <summary>A folder for the files of one test.</summary>
public abstract class Scratch : IDisposable
{
    protected string Folder { get; } = Directory.CreateTempSubdirectory("trt-cli-").FullName;

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected string PathOf(string name) => Path.Combine(Folder, name);
}
