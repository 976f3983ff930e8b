namespace Trt.Generator.Emit;

/// <summary>The generated files on disk.</summary>
internal static class GeneratedFiles
{
    private static readonly string[] Folders = ["bindings/generated/tensorrt", OrtEmitter.Folder];

    /// <summary>Writes what differs and deletes what is no longer generated; gives the number of changes.</summary>
    public static int Write(string root, IReadOnlyDictionary<string, string> files)
    {
        IReadOnlyList<string> changes = Changes(root, files);
        foreach (string path in changes)
        {
            string full = Path.Combine(root, path);
            if (files.TryGetValue(path, out string? text))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(full)!);
                File.WriteAllText(full, text);
            }
            else
            {
                File.Delete(full);
            }
        }

        return changes.Count;
    }

    /// <summary>Paths whose content differs, that are missing, or that nothing generates.</summary>
    public static IReadOnlyList<string> Changes(string root, IReadOnlyDictionary<string, string> files)
    {
        List<string> changes = [];
        foreach ((string path, string text) in files)
        {
            string full = Path.Combine(root, path);
            if (!File.Exists(full) || File.ReadAllText(full) != text)
            {
                changes.Add(path);
            }
        }

        changes.AddRange(Folders.Select(folder => Path.Combine(root, folder))
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
            .Select(file => Path.GetRelativePath(root, file).Replace('\\', '/'))
            .Where(path => !files.ContainsKey(path)));
        return changes;
    }
}
