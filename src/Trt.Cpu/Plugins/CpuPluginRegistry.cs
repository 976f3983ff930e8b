using Trt.Interop;

namespace Trt.Cpu;

/// <summary>The table of plugin creators of this process, the same for builders, runtimes and parsers of the CPU runtime.</summary>
internal sealed class CpuPluginRegistry : IPluginRegistry
{
    private readonly Lock gate = new();
    private readonly Dictionary<(string Name, string Version, string Namespace), IPluginCreatorInterface> creators = [];
    private readonly Dictionary<string, (IPluginResource Clone, int Shares)> resources = new(StringComparer.Ordinal);
    private bool searchesParent = true;

    private CpuPluginRegistry()
    {
    }

    public static CpuPluginRegistry Shared { get; } = new();

    public IErrorRecorder? ErrorRecorder { get; set; }

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
        throw new NotSupportedException("IPluginRegistry.loadLibrary is not supported by this version of the CPU runtime; register creators with registerCreator.");
    }

    public void DeregisterLibrary(nint handle) =>
        throw new ArgumentException("The handle is of no library that this registry loaded.", nameof(handle));

    public IPluginCreatorInterface[] GetAllCreators()
    {
        lock (gate)
        {
            return [.. creators.Values];
        }
    }

    public IPluginCreatorInterface[] GetAllCreatorsRecursive() => GetAllCreators();

    public IPluginCreatorInterface? GetCreator(string pluginName, string pluginVersion, string pluginNamespace = "")
    {
        ArgumentNullException.ThrowIfNull(pluginName);
        ArgumentNullException.ThrowIfNull(pluginVersion);
        ArgumentNullException.ThrowIfNull(pluginNamespace);
        lock (gate)
        {
            return creators.GetValueOrDefault((pluginName, pluginVersion, pluginNamespace));
        }
    }

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
                return -1;
            }

            if (entry.Shares > 1)
            {
                resources[key] = (entry.Clone, entry.Shares - 1);
                return 0;
            }

            resources.Remove(key);
            return entry.Clone.Release();
        }
    }

    private bool Register(IPluginCreatorInterface creator, string pluginNamespace)
    {
        ArgumentNullException.ThrowIfNull(creator);
        ArgumentNullException.ThrowIfNull(pluginNamespace);
        (string name, string version) = creator switch
        {
            IPluginCreator old => (old.PluginName, old.PluginVersion),
            IPluginCreatorV3One one => (one.PluginName, one.PluginVersion),
            _ => throw new ArgumentException($"A {creator.GetType().Name} is no creator of a known kind.", nameof(creator)),
        };
        lock (gate)
        {
            return creators.TryAdd((name, version, pluginNamespace), creator);
        }
    }

    private bool Deregister(IPluginCreatorInterface creator)
    {
        ArgumentNullException.ThrowIfNull(creator);
        lock (gate)
        {
            foreach ((var key, IPluginCreatorInterface known) in creators)
            {
                if (ReferenceEquals(known, creator))
                {
                    return creators.Remove(key);
                }
            }

            return false;
        }
    }
}
