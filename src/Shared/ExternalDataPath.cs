namespace Trt.Onnx;

/// <summary>Where external data of ONNX models may lie: in the model's folder and below, with links followed.</summary>
internal static class ExternalDataPath
{
    private const int MostLinks = 40;

    /// <summary>The file of a location.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="location">What the model says, with either kind of separator.</param>
    /// <param name="realFolder">Where the model's file lies when its path in the folder is a link; links of its data may lead there too.</param>
    /// <returns>Full path, or null when it is outside. The file need not exist.</returns>
    public static string? Resolve(string folder, string location, string? realFolder = null)
    {
        string[] parts = location.Split('/', '\\');
        if (location.Length == 0 || parts[0].Length == 0 || location.Contains('\0', StringComparison.Ordinal) || location.Contains(':', StringComparison.Ordinal) || parts.Contains("..", StringComparer.Ordinal))
        {
            return null;
        }

        string path = Path.GetFullPath(Path.Combine([folder, .. parts]));
        return Real(path) is { } real && (IsBelow(real, Real(Path.GetFullPath(folder))) || (realFolder is not null && IsBelow(real, Real(Path.GetFullPath(realFolder))))) ? path : null;
    }

    /// <summary>The path without links; null when links lead in a circle.</summary>
    public static string? Real(string path)
    {
        string root = Path.GetPathRoot(path) ?? string.Empty;
        Stack<string> ahead = new(path[root.Length..].Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries).Reverse());
        string done = root;
        for (int links = 0; ahead.TryPop(out string? part);)
        {
            string next = part == ".." ? Path.GetDirectoryName(done) ?? root : part == "." ? done : Path.Combine(done, part);
            if (part is ".." or "." || new FileInfo(next).LinkTarget is not { } target)
            {
                done = next;
                continue;
            }

            if (++links > MostLinks)
            {
                return null;
            }

            string targetRoot = Path.GetPathRoot(target) ?? string.Empty;
            done = targetRoot.Length > 0 ? targetRoot : done;
            foreach (string step in target[targetRoot.Length..].Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries).Reverse())
            {
                ahead.Push(step);
            }
        }

        return done;
    }

    private static bool IsBelow(string path, string? folder) => folder is not null
        && path.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
}
