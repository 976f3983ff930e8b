using Trt.Interop;

namespace Trt.Cpu;

/// <summary>A table of plugin creators: the process's, or a builder's or runtime's own, which goes on in the process's.</summary>
/// <remarks>
/// As with NVIDIA's, a creator is entered under the namespace of the call, while duplicates are judged, and what is found is checked, by the creator's own.
/// </remarks>
internal sealed class CpuPluginRegistry : IPluginRegistry
{
    private readonly Lock gate = new();
    private readonly List<(PluginIdentity Key, IPluginCreatorInterface Creator)> creators = [];
    private readonly Dictionary<string, (IPluginResource Clone, int Shares)> resources = new(StringComparer.Ordinal);
    private readonly CpuPluginRegistry? parent;
    private IErrorRecorder? recorder;
    private bool searchesParent = true;

    public CpuPluginRegistry(CpuPluginRegistry? parent) => this.parent = parent;

    /// <summary>The process's registry.</summary>
    public static CpuPluginRegistry Shared { get; } = new(null);

    public IErrorRecorder? ErrorRecorder
    {
        get => recorder;
        set
        {
            IErrorRecorder? before = recorder;
            recorder = value;
            if (!ReferenceEquals(before, value))
            {
                value?.IncRefCount();
                before?.DecRefCount();
            }
        }
    }

    public bool IsParentSearchEnabled => searchesParent;

    public bool RegisterCreator(IPluginCreator creator, string pluginNamespace) => Register(creator, pluginNamespace);

    public bool RegisterCreator(IPluginCreatorInterface creator, string pluginNamespace) => Register(creator, pluginNamespace);

    public IPluginCreator[] GetPluginCreatorList() => [.. GetAllCreators().OfType<IPluginCreator>()];

    public IPluginCreator? GetPluginCreator(string pluginName, string pluginVersion, string pluginNamespace = "") =>
        GetCreator(pluginName, pluginVersion, pluginNamespace) as IPluginCreator;

    public bool DeregisterCreator(IPluginCreator creator) => Deregister(creator);

    public bool DeregisterCreator(IPluginCreatorInterface creator) => Deregister(creator);

    public void SetParentSearchEnabled(bool enabled) => searchesParent = enabled;

    public nint LoadLibrary(string pluginPath)
    {
        ArgumentNullException.ThrowIfNull(pluginPath);
        string reason = $"{pluginPath} was not loaded: plugin libraries compute with CUDA on GPU memory, which a CPU does not have. " +
            "Write the plugin in C# and register its creator with registerCreator.";
        throw new TensorRtException(Report("loadLibrary", ErrorCode.UnsupportedState, reason));
    }

    public void DeregisterLibrary(nint handle) =>
        throw new ArgumentException("The handle is of no library: the CPU runtime loads none.", nameof(handle));

    public IPluginCreatorInterface[] GetAllCreators()
    {
        lock (gate)
        {
            return [.. creators.Select(entry => entry.Creator)];
        }
    }

    public IPluginCreatorInterface[] GetAllCreatorsRecursive() =>
        parent is not null && searchesParent ? [.. GetAllCreators(), .. parent.GetAllCreatorsRecursive()] : GetAllCreators();

    public IPluginCreatorInterface? GetCreator(string pluginName, string pluginVersion, string pluginNamespace = "")
    {
        ArgumentNullException.ThrowIfNull(pluginName);
        ArgumentNullException.ThrowIfNull(pluginVersion);
        ArgumentNullException.ThrowIfNull(pluginNamespace);
        PluginIdentity wanted = new(pluginName, pluginVersion, pluginNamespace);
        if (Find(wanted) is { } creator)
        {
            return creator;
        }

        Report("getCreator", ErrorCode.InvalidConfig, Entry(wanted) is { } other
            ? $"The plugin {pluginName} was found, but its creator says that it is in namespace: {IdentityOf(other)!.Namespace}, not in namespace: {pluginNamespace}."
            : $"Cannot find plugin: {pluginName}, version: {pluginVersion}, namespace:{pluginNamespace}.");
        return null;
    }

    /// <summary>The creator of a plugin, here or in the parent, or null.</summary>
    public IPluginCreatorInterface? Find(PluginIdentity wanted) =>
        Entry(wanted) is { } creator && IdentityOf(creator)!.Namespace == wanted.Namespace ? creator
        : searchesParent ? parent?.Find(wanted)
        : null;

    public IPluginResource? AcquirePluginResource(string key, IPluginResource resource)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(resource);
        lock (gate)
        {
            (IPluginResource? clone, int shares) = resources.GetValueOrDefault(key);
            clone ??= resource.Clone();
            if (clone is null)
            {
                Report("acquirePluginResource", ErrorCode.InvalidState, $"The resource {key} could not be cloned: IPluginResource::clone gave null.");
                return null;
            }

            resources[key] = (clone, shares + 1);
            return clone;
        }
    }

    public int ReleasePluginResource(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        lock (gate)
        {
            if (!resources.TryGetValue(key, out (IPluginResource Clone, int Shares) entry))
            {
                Report("releasePluginResource", ErrorCode.InvalidArgument, $"There is no resource {key}.");
                return -1;
            }

            if (entry.Shares > 1)
            {
                resources[key] = (entry.Clone, entry.Shares - 1);
                return 0;
            }

            resources.Remove(key);
            int status = entry.Clone.Release();
            (entry.Clone as IDisposable)?.Dispose();
            return status;
        }
    }

    private static PluginIdentity? IdentityOf(IPluginCreatorInterface creator) => creator switch
    {
        IPluginCreator old => new PluginIdentity(old.PluginName, old.PluginVersion, old.PluginNamespace),
        IPluginCreatorV3One one => new PluginIdentity(one.PluginName, one.PluginVersion, one.PluginNamespace),
        _ => null,
    };

    private IPluginCreatorInterface? Entry(PluginIdentity key)
    {
        lock (gate)
        {
            return creators.Find(entry => entry.Key == key).Creator;
        }
    }

    private bool Register(IPluginCreatorInterface creator, string pluginNamespace)
    {
        ArgumentNullException.ThrowIfNull(creator);
        ArgumentNullException.ThrowIfNull(pluginNamespace);
        PluginIdentity own = IdentityOf(creator) ?? throw new ArgumentException($"A {creator.GetType().Name} is no creator of a known kind.", nameof(creator));
        lock (gate)
        {
            if (creators.Exists(entry => IdentityOf(entry.Creator) == own))
            {
                return false;
            }

            creators.Add((own with { Namespace = pluginNamespace }, creator));
            return true;
        }
    }

    private bool Deregister(IPluginCreatorInterface creator)
    {
        ArgumentNullException.ThrowIfNull(creator);
        lock (gate)
        {
            if (creators.RemoveAll(entry => ReferenceEquals(entry.Creator, creator)) > 0)
            {
                return true;
            }
        }

        Report("deregisterCreator", ErrorCode.InvalidConfig, $"Plugin creator {IdentityOf(creator)?.Name} does not exist.");
        return false;
    }

    private string Report(string method, ErrorCode code, string text)
    {
        string line = $"IPluginRegistry::{method}: Error Code {(int)code}: {Refusal.ApiUsage} ({text})";
        recorder?.ReportError(code, line);
        return line;
    }
}
