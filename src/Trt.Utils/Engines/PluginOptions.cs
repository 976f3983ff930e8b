using System.Runtime.InteropServices;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>Loads the plugins that a build needs.</summary>
internal static class PluginOptions
{
    /// <summary>Notes what cannot be done.</summary>
    public static void Ask(BuildOptions options, OptionWriter writer)
    {
        if (options.DynamicPlugins.Count > 0)
        {
            writer.Has("DynamicPlugins", "IPluginRegistry.loadLibrary");
        }

        if (options.PluginsToSerialize.Count > 0)
        {
            writer.Has("PluginsToSerialize", "IBuilderConfig.setPluginsToSerialize");
        }

        Exist("PluginLibraries", options.PluginLibraries);
        Exist("DynamicPlugins", options.DynamicPlugins);
        Exist("PluginsToSerialize", options.PluginsToSerialize);

        void Exist(string option, IReadOnlyList<string> files)
        {
            foreach (string file in files.Where(file => !File.Exists(file)))
            {
                writer.Refuse($"{option}: there is no file {file}.");
            }
        }
    }

    /// <summary>Loads libraries, before the model is parsed.</summary>
    public static void Load(BuildWork work)
    {
        if (work.Options.NvInferPlugins != false)
        {
            try
            {
                work.Library.InitLibNvInferPlugins(work.Log);
            }
            catch (Exception error) when (work.Options.NvInferPlugins is null && error is TensorRtNotFoundException or NotSupportedException)
            {
                work.Log.Log(Severity.Verbose, $"TensorRT's own plugins are not here: {error.Message}");
            }
        }

        foreach (string file in work.Options.PluginLibraries)
        {
            try
            {
                NativeLibrary.Load(Path.GetFullPath(file));
            }
            catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
            {
                throw new BuildRefusedException($"PluginLibraries: {file} cannot be loaded: {error.Message}");
            }
        }

        foreach (string file in work.Options.DynamicPlugins)
        {
            work.Builder.PluginRegistry.LoadLibrary(Path.GetFullPath(file));
        }
    }

    /// <summary>Names the libraries that go into the plan, after the model was parsed.</summary>
    public static void Serialize(BuildWork work)
    {
        string[] files = [.. work.Options.PluginsToSerialize.Select(Path.GetFullPath).Concat(work.ParserPluginLibraries).Distinct(StringComparer.Ordinal)];
        if (files.Length > 0)
        {
            work.Config.SetPluginsToSerialize(files);
        }
    }
}
