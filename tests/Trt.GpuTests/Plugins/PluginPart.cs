using SamplePlugins;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>The sample's plugins: registered and found in each library, in networks where the library builds.</summary>
internal static class PluginPart
{
    public static void Run(PartContext part)
    {
        Device device = part.Found!.Kind == LibraryKind.Rehearsal ? Device.Host : part.Device;
        Checks checks = part.Checks;
        PluginRegistration? plugins = null;
        checks.That("creators are registered", () =>
        {
            plugins = new PluginRegistration(part.Library, device);
            return null;
        });
        if (plugins is null)
        {
            return;
        }

        checks.That("creators are found by name and version", () => Find(plugins, CircPad.Name, CircPadV2.Version) ?? Find(plugins, Hardmax.Name, HardmaxV2.Version)
            ?? (plugins.HasV3 ? Find(plugins, CircPad.Name, CircPadV3.Version) ?? Find(plugins, Hardmax.Name, HardmaxV3.Version) ?? Find(plugins, NonZeroPlugin.Name, "1") : null));
        checks.That("a creator of the same name is not registered twice", () =>
        {
            try
            {
                using PluginRegistration again = new(part.Library, device);
            }
            catch (Exception error) when (error is InvalidOperationException or TensorRtException)
            {
                checks.Note($"says: {error.Message.ReplaceLineEndings(" | ")}");
                return null;
            }

            return "it was";
        });
        if (part.Found.Kind == LibraryKind.Rehearsal && part.Found.Path.StartsWith("cpu:8", StringComparison.Ordinal))
        {
            checks.Skip("networks with plugins", "A rehearsal of TensorRT 8 calls plugins from managed code, which has descriptions of tensors in the later layout.");
        }
        else if (!part.Library.HasBuilder)
        {
            checks.Skip("networks with plugins", "The library builds nothing.");
        }
        else if (!device.IsHost || part.Found.Kind == LibraryKind.Rehearsal)
        {
            foreach ((string name, Func<string> run) in new PluginCases(part.Library, device, plugins, checks.Logger()).All())
            {
                checks.That(name, () =>
                {
                    checks.Note(run());
                    return null;
                });
            }
        }
        else
        {
            checks.Skip("networks with plugins", "There is no GPU to run them on.");
        }

        checks.That("creators are taken out again", () =>
        {
            plugins.Dispose();
            if (part.Found.Kind == LibraryKind.Rehearsal)
            {
                throw new MissingException("In a rehearsal a creator is another object in each call.");
            }

            using PluginRegistration again = new(part.Library, device);
            return null;
        });
    }

    private static string? Find(PluginRegistration plugins, string name, string version) => plugins.Find(name, version) switch
    {
        IPluginCreator old => old.PluginName == name && old.PluginVersion == version ? null : $"{name} {version} is {old.PluginName} {old.PluginVersion}",
        IPluginCreatorV3One one => one.PluginName == name && one.PluginVersion == version ? null : $"{name} {version} is {one.PluginName} {one.PluginVersion}",
        { } other => $"{name} {version} is a {other.GetType().Name}",
    };
}
