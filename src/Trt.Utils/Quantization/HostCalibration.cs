using Trt.Interop;

namespace Trt.Utils;

/// <summary>Calibrates a network of a library that has no calibrators on the CPU runtime.</summary>
internal static class HostCalibration
{
    /// <summary>The scale of each tensor that the algorithm gives one; those of <paramref name="read"/> are among them.</summary>
    public static Dictionary<ITensor, float> Scales(
        INetworkDefinition network, IEnumerable<ITensor> read, CalibrationInput[] inputs, CalibrationFeed feed, BatchCalibrator calibrator, TensorRtLibrary library, Action<Severity, string> log)
    {
        CheckPlugins(network);
        TensorRtLibrary cpu = CpuRuntime(library);
        using IBuilder builder = cpu.CreateInferBuilder(new DelegateLogger((severity, text) => log(severity <= Severity.Error ? severity : Severity.Verbose, text)));
        using INetworkDefinition target = builder.CreateNetworkV2([]);
        NetworkCopy copy = network.CopyTo(target);
        if (calibrator.Cache is null)
        {
            using IBuilderConfig config = builder.CreateBuilderConfig();
            config.SetFlag(BuilderFlag.Int8);
            config.Int8Calibrator = calibrator;
            if (CalibrationShapes.AreOpen(target))
            {
                config.AddOptimizationProfile(CalibrationShapes.Profile(builder, target, feed));
            }

            // What a build puts out is not lost in fusions, which the older algorithms would follow.
            foreach (ITensor tensor in read.Select(tensor => copy.Tensors[tensor]).Where(tensor => !tensor.IsNetworkInput && !tensor.IsNetworkOutput))
            {
                target.MarkOutput(tensor);
            }

            // The calibration is a part of the build; what it builds is not needed.
            builder.BuildSerializedNetwork(target, config).Dispose();
        }

        Dictionary<string, float> byName = new(StringComparer.Ordinal);
        foreach ((string tensor, float scale) in CalibrationCache.Read(calibrator.Cache!).Scales)
        {
            byName[tensor] = scale;
        }

        Dictionary<ITensor, float> scales = [];
        foreach ((ITensor tensor, ITensor copied) in copy.Tensors)
        {
            if (byName.TryGetValue(copied.Name, out float scale))
            {
                scales[tensor] = scale;
            }
        }

        GC.KeepAlive(network);
        return scales;
    }

    private static TensorRtLibrary CpuRuntime(TensorRtLibrary library)
    {
        try
        {
            return TensorRt.Load(new TensorRtOptions { Flavour = Flavour.Cpu });
        }
        catch (TensorRtNotFoundException error)
        {
            throw new NotSupportedException(
                $"{library} does not calibrate such a network itself, so that the CPU runtime has to, but none is registered. Reference the package Trt.Cpu and call CpuRuntime.Register() at the start of the program, or give the network layers that quantize.", error);
        }
    }

    /// <summary>Plugins that native code brought run on a GPU; the CPU runtime would hand them addresses of host memory.</summary>
    private static void CheckPlugins(INetworkDefinition network)
    {
        for (int i = 0; i < network.NbLayers; i++)
        {
            object? plugin = network.GetLayer(i) switch { IPluginV3Layer layer => layer.Plugin, IPluginV2Layer layer => layer.Plugin, _ => null };
            if (plugin is not null && plugin.GetType().Assembly == typeof(TensorRt).Assembly)
            {
                throw new NotSupportedException(
                    $"Layer \"{network.GetLayer(i).Name}\" is a plugin in native code, which cannot run on the CPU runtime to calibrate the network. Give the network layers that quantize, or a plugin in managed code.");
            }
        }
    }
}
