using System.Reflection;

namespace Trt.Generator.Extract;

/// <summary>A temporary folder with the stand-in headers and the generated source files; deleted with everything in it.</summary>
internal sealed class WorkFolder : IDisposable
{
    private const string ResourcePrefix = "stubs/";

    /// <summary>Makes the folder and unpacks the stand-in headers.</summary>
    public WorkFolder()
    {
        Root = Directory.CreateTempSubdirectory("trt-generator-").FullName;
        Stubs = Path.Combine(Root, "stubs");
        Assembly assembly = typeof(WorkFolder).Assembly;
        foreach (string name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal)))
        {
            string path = Path.Combine(Stubs, name[ResourcePrefix.Length..].Replace('\\', '/'));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using Stream resource = assembly.GetManifestResourceStream(name)!;
            using FileStream file = File.Create(path);
            resource.CopyTo(file);
        }
    }

    /// <summary>The folder.</summary>
    public string Root { get; }

    /// <summary>Folder of the stand-in headers.</summary>
    public string Stubs { get; }

    /// <summary>Writes a file and gives its path.</summary>
    public string Write(string name, string text)
    {
        string path = Path.Combine(Root, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Root, recursive: true);
}
