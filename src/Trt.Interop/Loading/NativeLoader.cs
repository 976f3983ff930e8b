namespace Trt.Interop.Loading;

/// <summary>Finds, loads and recognises NVIDIA's libraries.</summary>
internal static class NativeLoader
{
    private const string Variable = "TRT_LIBRARY";
    private const string Remedy =
        "Install TensorRT (Debian: libnvinfer-bin; Python: pip install tensorrt), or name the library's file or folder with TensorRtOptions.LibraryPath or TRT_LIBRARY; "
        + "without a GPU, reference the package Trt.Cpu and call CpuRuntime.Register().";

    private static readonly Dictionary<string, NativeTensorRtLibrary> Loaded = new(StringComparer.Ordinal);

    public static Lock Gate { get; } = new();

    /// <summary>Where a library is looked for, and what is there.</summary>
    public static LibrarySearch Search(TensorRtOptions options)
    {
        string? named = options.LibraryPath;
        string? by = named is null ? null : nameof(TensorRtOptions) + "." + nameof(TensorRtOptions.LibraryPath);
        if (named is null && Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path)
        {
            (named, by) = (path, Variable);
        }

        if (named is not null && !Directory.Exists(named))
        {
            return new LibrarySearch(named, by, [Path.GetFileName(named)], [], File.Exists(named) ? [new LibraryCandidate(Path.GetFullPath(named), null)] : []);
        }

        IReadOnlyList<string> folders = named is null ? LibraryPlaces.Folders() : [Path.GetFullPath(named)];
        (string File, Flavour Flavour)[] names = [.. LibraryPlaces.MainNames.Where(name => options.Flavour is null || name.Flavour == options.Flavour)];
        LibraryCandidate[] candidates =
        [
            .. names.SelectMany(name => folders.Select(folder => new LibraryCandidate(Path.Combine(folder, name.File), name.Flavour))).Where(candidate => File.Exists(candidate.Path)),
        ];
        return new LibrarySearch(named, by, [.. names.Select(name => name.File)], folders, candidates);
    }

    /// <summary>Loads what the options ask for; the managed runtime when nothing native is found and no path was given.</summary>
    public static TensorRtLibrary Load(TensorRtOptions options, ManagedLibrary? managed)
    {
        LibrarySearch search = Search(options);
        List<string> found = [];
        foreach (LibraryCandidate candidate in search.Candidates)
        {
            if (Try(candidate.Path, options, found) is { } library)
            {
                return library;
            }
        }

        if (search.Wanted is { } wanted)
        {
            bool folder = Directory.Exists(wanted);
            throw NotFound(folder ? "TensorRT" : wanted, search.Names, folder ? [wanted] : [], found.Count > 0 || folder ? found : [$"{wanted}: there is no such file or folder"]);
        }

        return (options.Flavour is null ? managed : null)
            ?? (TensorRtLibrary)(Loaded.Values.FirstOrDefault(library => options.Flavour is null || library.Flavour == options.Flavour)
                ?? throw NotFound("TensorRT", search.Names, search.Folders, found));
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
