using System.Diagnostics;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Utils;

namespace Trt.Lite;

/// <summary>Makes an engine of what the options name: loads a plan, or builds a model, out of a cache where there is one.</summary>
internal sealed class EngineOpener(EngineOptions options)
{
    /// <summary>Loads or builds.</summary>
    /// <param name="cancellationToken">Stops a build at its next step.</param>
    /// <returns>An engine, to be disposed by the caller.</returns>
    public ICudaEngine Open(CancellationToken cancellationToken)
    {
        using Activity? activity = LiteTelemetry.Start("trt.open", options.Name ?? options.Path ?? "network");
        PlanHead? head = null;
        Framework framework = options.Framework;
        if (framework == Framework.Network || (framework == Framework.Auto && options.Network is not null))
        {
            framework = Framework.Network;
        }
        else if (options.Path is not { Length: > 0 } path)
        {
            throw new ArgumentException("No model is named: set EngineOptions.Path or EngineOptions.Network.");
        }
        else
        {
            Framework found = ModelFile.Recognise(path, out head);
            framework = framework == Framework.Auto ? found : framework;
        }

        TensorRtLibrary library = RuntimeChoice.Load(options, head);
        using DeviceScope scope = library.Flavour != Flavour.Cpu && options.Device is { } device ? Device.All[device].Use() : default;
        ILogger logger = RuntimeChoice.Quiet(options);
        if (framework == Framework.Plan)
        {
            return EngineFile.Load(options.Path!, library, logger, new EngineLoadOptions { AllowHostCode = options.AllowHostCode, LeanRuntime = options.LeanRuntime, DynamicPlugins = [.. options.Plugins] });
        }

        EngineBuilder builder = new(library, logger);
        ModelSource source = Source(framework);
        BuildOptions build = BuildSettings.Of(options, framework is Framework.Weights or Framework.TorchScript);
        if (options.CacheFolder is { } folder && (framework != Framework.Network || options.CacheKey is not null))
        {
            return builder.GetOrBuild(new EngineCache(folder, new EngineCacheOptions { Log = logger.Log }), source, build, options.Progress, cancellationToken);
        }

        using BuiltEngine built = builder.Build(source, build, options.Progress, cancellationToken);
        return built.Load(new EngineLoadOptions { AllowHostCode = build.VersionCompatible, DynamicPlugins = build.DynamicPlugins });
    }

    private ModelSource Source(Framework framework) => framework switch
    {
        Framework.Network => ModelSource.FromNetwork(options.Network ?? throw new ArgumentException("Framework.Network needs EngineOptions.Network."), options.Name ?? "network", options.CacheKey),
        Framework.Onnx => ModelSource.FromOnnx(options.Path!),
        _ => ModelSource.FromWeights(options.Path!, options.ModelBuilder, options.CacheKey),
    };
}
