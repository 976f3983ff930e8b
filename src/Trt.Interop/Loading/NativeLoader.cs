namespace Trt.Interop.Loading;

/// <summary>Finds, loads and recognises NVIDIA's libraries.</summary>
internal static class NativeLoader
{
    private const string Remedy =
        "Install TensorRT (Debian: libnvinfer-bin; Python: pip install tensorrt), or name the library's file or folder with TensorRtOptions.LibraryPath or TRT_LIBRARY; "
        + "without a GPU, reference the package Trt.Cpu and call CpuRuntime.Register().";

    private static readonly Dictionary<string, NativeTensorRtLibrary> Loaded = new(StringComparer.Ordinal);

    public static Lock Gate { get; } = new();

    /// <summary>Loads what the options ask for; the managed runtime when nothing native is found and no path was given.</summary>
    public static TensorRtLibrary Load(TensorRtOptions options, ManagedLibrary? managed)
    {
        string? wanted = options.LibraryPath ?? Environment.GetEnvironmentVariable("TRT_LIBRARY") switch { "" => null, string path => path, null => null };
        (string File, Flavour Flavour)[] names = [.. LibraryPlaces.MainNames.Where(name => options.Flavour is null || name.Flavour == options.Flavour)];
        List<string> found = [];
        if (wanted is not null)
        {
            if (File.Exists(wanted))
            {
                return Try(Path.GetFullPath(wanted), options, found) ?? throw NotFound(wanted, [Path.GetFileName(wanted)], [], found);
            }

            if (!Directory.Exists(wanted))
            {
                throw NotFound(wanted, [Path.GetFileName(wanted)], [], [$"{wanted}: there is no such file or folder"]);
            }

            return Search(names, [Path.GetFullPath(wanted)], options, found) ?? throw NotFound("TensorRT", names.Select(name => name.File), [wanted], found);
        }

        IReadOnlyList<string> folders = LibraryPlaces.Folders();
        return Search(names, folders, options, found)
            ?? (options.Flavour is null ? managed : null)
            ?? (TensorRtLibrary)(Loaded.Values.FirstOrDefault(library => options.Flavour is null || library.Flavour == options.Flavour)
                ?? throw NotFound("TensorRT", names.Select(name => name.File), folders, found));
    }

    private static NativeTensorRtLibrary? Search(IEnumerable<(string File, Flavour Flavour)> names, IReadOnlyList<string> folders, TensorRtOptions options, List<string> found)
    {
        foreach ((string file, Flavour _) in names)
        {
            foreach (string folder in folders)
            {
                string path = Path.Combine(folder, file);
                if (File.Exists(path) && Try(path, options, found) is { } library)
                {
                    return library;
                }
            }
        }

        return null;
    }

    private static NativeTensorRtLibrary? Try(string path, TensorRtOptions options, List<string> found)
    {
        string real = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        if (Loaded.TryGetValue(real, out NativeTensorRtLibrary? known))
        {
            if (options.Flavour is null || options.Flavour == known.Flavour)
            {
                return known;
            }

            found.Add($"{path}: it is {known.Flavour} {known.Version}, but {options.Flavour} was asked for");
            return null;
        }

        NativeModule? module = NativeModule.TryLoad(path, out string reason);
        if (module is null)
        {
            found.Add($"{path}: {reason}");
            return null;
        }

        if (!NativeTensorRtLibrary.TryRecognise(module, options, out NativeTensorRtLibrary? library, out string why))
        {
            found.Add($"{path}: {why}");
            return null;
        }

        Loaded[real] = library;
        options.Log?.Invoke(Severity.Verbose, $"Loaded {library} from {path}.");
        return library;
    }

    private static TensorRtNotFoundException NotFound(string what, IEnumerable<string> names, IReadOnlyList<string> folders, List<string> found) =>
        new(what, [.. names], folders, found, Remedy);
}
