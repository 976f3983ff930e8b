using Trt.Interop;
using Trt.Utils;

namespace Trt.Lite;

/// <summary>What an engine's options mean for its build.</summary>
internal static class BuildSettings
{
    /// <summary>The options of the build.</summary>
    /// <param name="options">The engine's.</param>
    /// <param name="isOfWeights">Whether a model builder defines the network, which knows shapes that suit it.</param>
    public static BuildOptions Of(EngineOptions options, bool isOfWeights)
    {
        long most = options.MaxBatch ?? 1;
        ExtentRange batch = new(1, most, most);
        BuildOptions build = new()
        {
            Batch = options.MaxBatch is null && isOfWeights ? null : batch,
            Precision = (options.Precision ?? PrecisionOf(options.DataType)) | (options.Calibrator is null || options.DataType == DataType.FP8 ? Precision.FP32 : Precision.Int8),
            Calibration = options.Calibrator,
            CacheKey = options.CacheKey,
            Workspace = options.Workspace,
            Profiles = options.Profiles.Count > 0 ? [.. options.Profiles] : options.InputNodes.Count > 0 ? [ProfileOf(options, batch)] : [],
            DynamicPlugins = [.. options.Plugins],
            Device = options.Device,
            ReadBack = false, // the engine is loaded at once
        };
        build = options.Build?.Invoke(build) ?? build;
        return options.OutputNodes.Count == 0 ? build : WithOutputs(build, [.. options.OutputNodes]);
    }

    private static Precision PrecisionOf(DataType? type) => type switch
    {
        null or DataType.Float => Precision.FP32,
        DataType.Half => Precision.FP16,
        DataType.BF16 => Precision.BF16,
        DataType.Int8 => Precision.Int8,
        DataType.FP8 => Precision.FP8,
        DataType.Int4 => Precision.Int4,
        DataType.FP4 => Precision.FP4,
        { } other => throw new ArgumentException($"DataType = {other}: no engine computes in it. Take Float, Half, BF16, Int8, FP8, Int4 or FP4."),
    };

    /// <summary>The named inputs' extents behind the batch.</summary>
    private static ShapeProfile ProfileOf(EngineOptions options, ExtentRange batch)
    {
        ShapeProfile profile = new();
        foreach ((string name, long[] extents) in options.InputNodes)
        {
            profile[name] = options.HasBatch == false
                ? new ShapeRange(extents)
                : new ShapeRange([batch.Min, .. extents], [batch.Opt, .. extents], [batch.Max, .. extents]);
        }

        return profile;
    }

    /// <summary>Makes the named tensors the network's only outputs, in their order.</summary>
    private static BuildOptions WithOutputs(BuildOptions build, string[] outputs)
    {
        Action<INetworkDefinition>? others = build.Customize;
        bool isNamed = build.CacheKey is not null || (others is null && build.Configure is null && build.Calibration is null);
        return build with
        {
            Customize = network =>
            {
                others?.Invoke(network);
                OutputChoice.Apply(network, outputs);
            },
            CacheKey = isNamed ? $"{build.CacheKey}\noutputs:{string.Join(',', outputs)}" : null,
        };
    }
}
