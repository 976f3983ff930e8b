using Trt.Interop;
using Trt.Interop.Cuda;

namespace SamplePlugins;

/// <summary>The creators of all plugins here in a library's registry, until it is disposed of. Plans that name the plugins can be read meanwhile.</summary>
internal sealed class PluginRegistration : IDisposable
{
    private readonly TensorRtLibrary library;
    private readonly IPluginRegistry registry;
    private readonly List<IPluginCreatorInterface> registered = [];

    /// <param name="library">The library; what its release lacks is left out.</param>
    /// <param name="device">Where plugins compute: a GPU, or the host stand-in for the CPU runtime.</param>
    public PluginRegistration(TensorRtLibrary library, Device device)
    {
        this.library = library;
        registry = library.PluginRegistry;
        try
        {
            Add(new CircPadV2Creator(device));
            Add(new HardmaxV2Creator(device));
            if (HasV3)
            {
                Add(new CircPadV3Creator(device));
                Add(new HardmaxV3Creator(device));
                Add(new NonZeroCreator(device));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Whether the release knows plugins of the third version, and creators of any.</summary>
    public bool HasV3 => library.Supports("IPluginRegistry.getCreator");

    /// <summary>The creator of a plugin, as the registry gives it.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public IPluginCreatorInterface Find(string name, string version) =>
        (HasV3 ? registry.GetCreator(name, version) : registry.GetPluginCreator(name, version))
        ?? throw new InvalidOperationException($"The registry of {library} has no creator of {name}, version {version}.");

    public void Dispose()
    {
        foreach (IPluginCreatorInterface creator in registered)
        {
            if (HasV3)
            {
                registry.DeregisterCreator(creator);
            }
            else
            {
                registry.DeregisterCreator((IPluginCreator)creator);
            }
        }
    }

    private void Add(IPluginCreatorInterface creator)
    {
        bool added = HasV3 ? registry.RegisterCreator(creator, string.Empty) : registry.RegisterCreator((IPluginCreator)creator, string.Empty);
        if (!added)
        {
            throw new InvalidOperationException($"{library} does not register {creator.GetType().Name}: one of the same plugin, version and namespace is there.");
        }

        registered.Add(creator);
    }
}
