using Trt.Interop;

namespace Trt.Utils;

/// <summary>Builds engines: <c>new EngineBuilder().Build("model.onnx").Save("model.plan")</c>.</summary>
/// <remarks>
/// Safe to use from several threads; builds that run at once on one GPU disturb each other's timing. A build is cancelled between two steps of
/// the library's work, on releases that tell their progress (10.0 and later); the next build is not touched by it.
/// </remarks>
public sealed class EngineBuilder
{
    private readonly BuildLog log;

    /// <summary>A builder over a library.</summary>
    /// <param name="library">The library; null: whatever <see cref="TensorRt.Load(TensorRtOptions?)"/> finds.</param>
    /// <param name="logger">Hears everything; null: warnings and errors go to the console.</param>
    /// <exception cref="TensorRtNotFoundException">No library was given and none was found.</exception>
    public EngineBuilder(TensorRtLibrary? library = null, ILogger? logger = null)
    {
        Library = library ?? TensorRt.Load();
        log = BuildLog.For(logger ?? DefaultLogger);
    }

    /// <summary>The library that builds.</summary>
    public TensorRtLibrary Library { get; }

    /// <summary>What hears builds and loads that nobody gave a logger.</summary>
    internal static ILogger DefaultLogger { get; } = new ConsoleLogger(Severity.Warning);

    /// <summary>What stands between it and a build, in a sentence each: options that the library cannot fulfil.</summary>
    /// <param name="options">The options.</param>
    /// <returns>None when all can be tried; what only the network or the machine decides is not known here.</returns>
    public IReadOnlyList<string> Check(BuildOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return EngineBuild.Refusals(Library, options);
    }

    /// <summary>Builds an engine from a model.</summary>
    /// <param name="source">The model; a string is the path of an ONNX file.</param>
    /// <param name="options">How; null: as the library does by itself.</param>
    /// <param name="progress">Hears phases and steps on the thread that builds.</param>
    /// <param name="cancellationToken">Stops the build at its next step.</param>
    /// <returns>The plan with its report, to be disposed by the caller.</returns>
    /// <exception cref="BuildRefusedException">Options cannot be fulfilled, or do not fit the network; nothing was built.</exception>
    /// <exception cref="OnnxParseException">The library's parser refused the model.</exception>
    /// <exception cref="TensorRtException">The library could not build; the message has its reason.</exception>
    /// <exception cref="OperationCanceledException">The build was cancelled.</exception>
    public BuiltEngine Build(ModelSource source, BuildOptions? options = null, IProgress<BuildProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new EngineBuild(Library, log, source, options ?? new BuildOptions(), progress, cancellationToken).ToMemory();
    }

    /// <summary>Builds an engine from a network that a function defines.</summary>
    /// <param name="define">Fills an empty network: inputs, layers, outputs. What holds the weights must live until the build is over.</param>
    /// <param name="options">How; null: as the library does by itself.</param>
    /// <param name="progress">Hears phases and steps on the thread that builds.</param>
    /// <param name="cancellationToken">Stops the build at its next step.</param>
    /// <returns>The plan with its report, to be disposed by the caller.</returns>
    /// <inheritdoc cref="Build(ModelSource, BuildOptions?, IProgress{BuildProgress}?, CancellationToken)" path="/exception"/>
    public BuiltEngine Build(Action<INetworkDefinition> define, BuildOptions? options = null, IProgress<BuildProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Build(ModelSource.FromNetwork(define), options, progress, cancellationToken);

    /// <summary>Builds an engine from weights.</summary>
    /// <param name="weights">The weights, which stay open until the build is over.</param>
    /// <param name="model">The architecture; null: the one of <see cref="ModelBuilders.All"/> that recognises the weights.</param>
    /// <param name="options">How; null: as the library does by itself. Extents without a range get what suits the model.</param>
    /// <param name="progress">Hears phases and steps on the thread that builds.</param>
    /// <param name="cancellationToken">Stops the build at its next step.</param>
    /// <returns>The plan with its report, to be disposed by the caller.</returns>
    /// <inheritdoc cref="Build(ModelSource, BuildOptions?, IProgress{BuildProgress}?, CancellationToken)" path="/exception"/>
    public BuiltEngine Build(WeightsMap weights, IModelBuilder? model = null, BuildOptions? options = null, IProgress<BuildProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Build(ModelSource.FromWeights(weights, model), options, progress, cancellationToken);

    /// <summary>Builds an engine into a file; where the release can, the plan goes there piece by piece and is never whole in memory.</summary>
    /// <param name="source">The model; a string is the path of an ONNX file.</param>
    /// <param name="path">The plan's file; <c>path.json</c> beside it gets the report. Both appear when all went well.</param>
    /// <param name="options">How; null: as the library does by itself.</param>
    /// <param name="progress">Hears phases and steps on the thread that builds.</param>
    /// <param name="cancellationToken">Stops the build at its next step.</param>
    /// <returns>The file.</returns>
    /// <exception cref="IOException">The file cannot be written; the message says what to do.</exception>
    /// <inheritdoc cref="Build(ModelSource, BuildOptions?, IProgress{BuildProgress}?, CancellationToken)" path="/exception"/>
    public EngineFile BuildToFile(ModelSource source, string path, BuildOptions? options = null, IProgress<BuildProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new EngineBuild(Library, log, source, options ?? new BuildOptions(), progress, cancellationToken).ToFile(path);
    }

    /// <summary>Gives an engine out of a cache; builds it when it is not there, once for all processes that ask.</summary>
    /// <param name="cache">The cache.</param>
    /// <param name="source">The model; a string is the path of an ONNX file.</param>
    /// <param name="options">How; null: as the library does by itself.</param>
    /// <param name="progress">Hears phases and steps on the thread that builds.</param>
    /// <param name="cancellationToken">Stops the build at its next step, and the waiting for another process.</param>
    /// <returns>The engine, to be disposed by the caller.</returns>
    /// <exception cref="ArgumentException">Nothing tells the model or the hooks apart from others: they need a key.</exception>
    /// <inheritdoc cref="Build(ModelSource, BuildOptions?, IProgress{BuildProgress}?, CancellationToken)" path="/exception"/>
    public ICudaEngine GetOrBuild(EngineCache cache, ModelSource source, BuildOptions? options = null, IProgress<BuildProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(cache);
        options ??= new BuildOptions();
        EngineCacheKey key = KeyFor(source, options);
        EngineLoadOptions load = new() { AllowHostCode = options.VersionCompatible, DLACore = options.DLACore, DynamicPlugins = options.DynamicPlugins };
        using IRuntime runtime = EngineLoader.CreateRuntime(Library, log, load);
        return cache.GetOrBuildEngine(key, runtime, () => Build(source, options, progress, cancellationToken).Plan, cancellationToken);
    }

    /// <summary>Makes the network as a build would hand it to the library, options applied, and shows it to a function. Nothing is built, so that no GPU is needed where the library's builder needs none.</summary>
    /// <typeparam name="T">What the function gives.</typeparam>
    /// <param name="source">The model; a string is the path of an ONNX file.</param>
    /// <param name="use">Gets the network, which lives until it returns: to look at it, or to write it down.</param>
    /// <param name="options">What is applied to it: calibration, precision, shapes; null: nothing.</param>
    /// <param name="progress">Hears phases and steps on this thread.</param>
    /// <param name="cancellationToken">Stops at the next step.</param>
    /// <returns>What the function gave.</returns>
    /// <exception cref="BuildRefusedException">Options cannot be fulfilled, or do not fit the network.</exception>
    /// <exception cref="OnnxParseException">The library's parser refused the model.</exception>
    /// <exception cref="TensorRtException">The library refused; the message has its reason.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public T Define<T>(ModelSource source, Func<INetworkDefinition, T> use, BuildOptions? options = null, IProgress<BuildProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(use);
        return new EngineBuild(Library, log, source, options ?? new BuildOptions(), progress, cancellationToken).Define(use);
    }

    /// <summary>What stands for an engine in a cache: hashes of model and options, library and GPU.</summary>
    /// <param name="source">The model; a string is the path of an ONNX file.</param>
    /// <param name="options">How it is built; null: as the library does by itself.</param>
    /// <exception cref="ArgumentException">Nothing tells the model or the hooks apart from others: they need a key.</exception>
    /// <exception cref="IOException">A file of the model cannot be read.</exception>
    public EngineCacheKey KeyFor(ModelSource source, BuildOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        options ??= new BuildOptions();
        if ((options.Configure is not null || options.Customize is not null || options.Calibration is not null) && options.CacheKey is null)
        {
            throw new ArgumentException("Configure, Customize and Calibration change the engine in ways that a cache cannot see. Set CacheKey to a text that changes whenever they do.", nameof(options));
        }

        string hash = source.ComputeHash()
            ?? throw new ArgumentException($"{source} is made by code that a cache cannot see. Give the source a key that changes whenever the code or its weights do.", nameof(source));

        // What does not change the engine is no part of its name.
        string json = (options with { TimingCache = null, Device = null, KernelText = false, ReadBack = true, MaxThreads = null }).ToJson();
        foreach (string file in options.PluginLibraries.Concat(options.DynamicPlugins).Concat(options.PluginsToSerialize).Concat(options.CalibrationCache is { } cache ? [cache] : []))
        {
            json += $"\n{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))}";
        }

        return EngineCacheKey.For(hash, json, Library, options.Device is { } device && Library.Flavour != Flavour.Cpu ? Interop.Cuda.Device.All[device] : null) with { Name = source.Name };
    }

    /// <summary>Builds an engine on a thread of its own.</summary>
    /// <param name="source">The model; a string is the path of an ONNX file.</param>
    /// <param name="options">How; null: as the library does by itself.</param>
    /// <param name="progress">Hears phases and steps on the thread that builds.</param>
    /// <param name="cancellationToken">Stops the build at its next step.</param>
    /// <returns>The plan with its report, to be disposed by the caller.</returns>
    /// <inheritdoc cref="Build(ModelSource, BuildOptions?, IProgress{BuildProgress}?, CancellationToken)" path="/exception"/>
    public Task<BuiltEngine> BuildAsync(ModelSource source, BuildOptions? options = null, IProgress<BuildProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);

        // Builds take minutes: not a thread of the pool.
        return Task.Factory.StartNew(() => Build(source, options, progress, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
    }
}
