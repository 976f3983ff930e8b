using System.Runtime.InteropServices;
using System.Text;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>One build, from the options to the report.</summary>
internal sealed class EngineBuild(TensorRtLibrary library, BuildLog log, ModelSource source, BuildOptions options, IProgress<BuildProgress>? progress, CancellationToken cancellation)
{
    /// <summary>What of the options the library cannot do, before anything is made.</summary>
    public static IReadOnlyList<string> Refusals(TensorRtLibrary library, BuildOptions options)
    {
        OptionWriter asker = new(library, null, null, null);
        Visit(library, options, asker);
        NetworkOptions.Ask(options, asker);
        PluginOptions.Ask(options, asker);

        // The overload that gives the text shares its name with one that all releases have; it came together with this setter.
        if (options.KernelText && !library.Supports("IBuilderConfig.setRemoteAutoTuningConfig"))
        {
            asker.Refuse($"KernelText: IBuilder.buildSerializedNetwork with a kernelText is not in {library}. Leave the option out, or build with a release that has it.");
        }

        if (options.Device is { } device && (device < 0 || device >= Device.All.Count))
        {
            asker.Refuse($"Device = {device}: this machine has {Device.All.Count}, counted from 0.");
        }

        return asker.Refusals;
    }

    /// <summary>Builds into memory.</summary>
    public BuiltEngine ToMemory() => Run<BuiltEngine>((work, network, context) =>
    {
        IHostMemory? kernelText = null;
        IHostMemory plan = Build(work, () => options.KernelText
            ? work.Builder.BuildSerializedNetwork(network, work.Config, out kernelText)
            : work.Builder.BuildSerializedNetwork(network, work.Config));
        try
        {
            using (kernelText)
            {
                long length = (long)plan.Size;
                BuildReport report = Report(work, network, context, plan.Data, length, BuiltEngine.Sha256(plan.Data, length));
                return new BuiltEngine(library, log, plan, kernelText is null ? null : Encoding.UTF8.GetString(kernelText.AsSpan()).TrimEnd('\0'), report);
            }
        }
        catch
        {
            plan.Dispose();
            throw;
        }
    });

    /// <summary>Builds into a file.</summary>
    public EngineFile ToFile(string path)
    {
        if (!library.Supports("IBuilder.buildSerializedNetworkToStream") || options.KernelText)
        {
            using BuiltEngine built = ToMemory();
            return built.Save(path);
        }

        return Run((work, network, context) =>
        {
            using AtomicFile file = AtomicFile.Create(path);
            using PlanFileWriter writer = new(file);
            Build(work, () =>
            {
                try
                {
                    work.Builder.BuildSerializedNetworkToStream(network, work.Config, writer);
                }
                catch (TensorRtException) when (writer.Failure is not null)
                {
                    // The file's own reason says more.
                }

                if (writer.Failure is { } failure)
                {
                    throw new IOException(failure.Message, failure);
                }

                return true;
            });
            using WrittenPlan plan = WrittenPlan.Map(file);
            return EngineFile.Commit(file, Report(work, network, context, plan.Address, writer.Length, writer.Sha256()));
        });
    }

    /// <summary>Makes the network with all that the options do to it, and no plan.</summary>
    public T Define<T>(Func<INetworkDefinition, T> use) => Run((work, network, context) => use(network));

    private static void Visit(TensorRtLibrary library, BuildOptions options, OptionWriter writer)
    {
        ConfigOptions.Visit(options, writer);
        PrecisionOptions.Visit(library, options, writer);
    }

    private T Run<T>(Func<BuildWork, INetworkDefinition, BuildContext, T> produce)
    {
        ThrowIfRefused(Refusals(library, options));
        cancellation.ThrowIfCancellationRequested();
        if (options.Device is not { } number)
        {
            return RunHere(produce);
        }

        using DeviceScope device = Device.All[number].Use();
        return RunHere(produce);
    }

    private T RunHere<T>(Func<BuildWork, INetworkDefinition, BuildContext, T> produce)
    {
        using BuildLog.Collector lines = log.Collect();
        BuildMonitor monitor = new(progress, cancellation);
        TimingCacheFile? times = null;
        try
        {
            using IBuilder builder = library.CreateInferBuilder(log);
            using IBuilderConfig config = builder.CreateBuilderConfig();
            BuildWork work = new(library, log, lines, options, monitor, builder, config) { IsStronglyTyped = PrecisionOptions.IsStronglyTyped(library, options) };
            Prepare(work);
            if (options.TimingCache is { } path)
            {
                times = TimingCacheFile.Load(path, config, library, log: (severity, text) => Heard(work, severity, text));
                work.Timings = times;
            }

            return Run(work, produce);
        }
        finally
        {
            // The builder may use it to its end.
            times?.Dispose();
        }
    }

    private void Heard(BuildWork work, Severity severity, string text)
    {
        if (severity <= Severity.Warning)
        {
            work.Warn(text);
        }
        else
        {
            log.Log(severity, text);
        }
    }

    private T Run<T>(BuildWork work, Func<BuildWork, INetworkDefinition, BuildContext, T> produce)
    {
        BuildMonitor monitor = work.Monitor;
        IBuilder builder = work.Builder;
        string? hash = monitor.Run("Hashing model", source.ComputeHash);
        using INetworkDefinition network = builder.CreateNetworkV2(PrecisionOptions.NetworkFlags(library, options));
        using IDisposable? held = monitor.Run("Defining network", () => source.Define(work, network));
        IReadOnlyList<ShapeProfile> profiles = monitor.Run("Applying options", () => Define(work, network));
        try
        {
            return produce(work, network, new BuildContext(hash, profiles));
        }
        catch (TensorRtException) when (monitor.Stopped)
        {
            throw new OperationCanceledException($"The build of {source} was cancelled.", cancellation);
        }
    }

    /// <summary>The library's own work, and what it measured.</summary>
    private T Build<T>(BuildWork work, Func<T> build)
    {
        T result;
        using (TargetTurn.Wait(library, options.ComputeCapabilities, cancellation))
        {
            result = work.Monitor.Run("Building plan", build);
        }

        try
        {
            if (work.Timings is { } times)
            {
                work.Monitor.Run("Saving timing cache", () => times.Save(cancellation));
            }

            return result;
        }
        catch
        {
            (result as IDisposable)?.Dispose();
            throw;
        }
    }

    /// <summary>Everything that does not need the network.</summary>
    private void Prepare(BuildWork work)
    {
        OptionWriter writer = new(library, work.Config, work.Lines, work.Warn);
        if (options.DLACore is { } core && (core < 0 || core >= work.Builder.NbDLACores))
        {
            writer.Refuse($"DLACore = {core}: {library} finds {work.Builder.NbDLACores} DLA cores on this machine. Leave it out, or build on a Jetson or DRIVE.");
        }
        else
        {
            Visit(library, options, writer);
        }

        if (options.MaxThreads is { } threads)
        {
            writer.Write("MaxThreads", threads, _ => work.Builder.MaxThreads, (_, value) => work.Builder.MaxThreads = value);
        }

        ThrowIfRefused(writer.Refusals);
        PluginOptions.Load(work);
    }

    /// <summary>Everything that needs the network.</summary>
    private IReadOnlyList<ShapeProfile> Define(BuildWork work, INetworkDefinition network)
    {
        options.Customize?.Invoke(network);
        PluginOptions.Serialize(work);
        NetworkOptions applied = new(work, network);
        applied.ApplyToBorders();
        IReadOnlyList<ShapeProfile> profiles = new ProfileOptions(work, network).Apply();
        PrecisionOptions.Apply(work, network, cancellation);
        applied.ApplyToLayers();
        options.Configure?.Invoke(work.Config);
        if (library.Supports("IBuilderConfig.setProgressMonitor"))
        {
            work.Monitor.Inner = work.Config.ProgressMonitor;
            work.Config.ProgressMonitor = work.Monitor;
        }
        else if (cancellation.CanBeCanceled)
        {
            work.Warn($"{library} tells no progress, so that a build that has begun cannot be cancelled.");
        }

        return profiles;
    }

    private BuildReport Report(BuildWork work, INetworkDefinition network, BuildContext context, nint address, long length, string sha256)
    {
        int? layers = null;
        (IReadOnlyList<TensorReport> inputs, IReadOnlyList<TensorReport> outputs) = TensorsOf(network);
        string readBack = "nowhere";
        if (options.ReadBack)
        {
            work.Monitor.Run("Reading back", () =>
            {
                if (PlanReadBack.Compare(work, address, length))
                {
                    readBack = "plan head";
                }

                if (ReadBack.WhyNot(work) is not null)
                {
                    return;
                }

                try
                {
                    // The plan is our own: code inside of it may run.
                    using ICudaEngine engine = EngineLoader.Load(library, log, new EngineLoadOptions { AllowHostCode = options.VersionCompatible, DLACore = options.DLACore, DynamicPlugins = options.DynamicPlugins }, address, length);
                    ReadBack back = new(work, engine);
                    back.Compare(context.Profiles);
                    layers = engine.NbLayers;
                    (inputs, outputs) = back.Tensors();
                    readBack = "engine";
                }
                catch (TensorRtException error)
                {
                    work.Warn($"The plan was built, but cannot be loaded here, so that nothing could be asked of the engine: {error.Message}");
                }
            });
        }

        bool onGpu = library.Flavour != Flavour.Cpu && CudaDriver.IsAvailable(out _);
        DeviceProperties? gpu = onGpu ? Device.Current.Properties : null;
        return new BuildReport
        {
            PlanBytes = length,
            PlanSha256 = sha256,
            Source = new SourceReport(source.Kind, source.Name, context.SourceHash),
            Options = BuildJson.Write(options),
            Library = new LibraryReport(library.Flavour, library.Version.ToString(), library.Release),
            Gpu = gpu is null ? null : new GpuReport(gpu.Name, gpu.ComputeCapability.ToString(), gpu.TotalMemory),
            BuiltAt = DateTimeOffset.UtcNow,
            Platform = RuntimeInformation.RuntimeIdentifier,
            Times = [.. work.Monitor.Times],
            Profiles = context.Profiles,
            Inputs = inputs,
            Outputs = outputs,
            NetworkLayers = network.NbLayers,
            EngineLayers = layers,
            ReadBack = readBack,
            Warnings = [.. work.Warnings],
            LibraryWarnings = [.. work.Lines.From(0).Except(work.Warnings)],
        };
    }

    private static (IReadOnlyList<TensorReport> Inputs, IReadOnlyList<TensorReport> Outputs) TensorsOf(INetworkDefinition network)
    {
        return ([.. Enumerable.Range(0, network.NbInputs).Select(i => Told(network.GetInput(i)))], [.. Enumerable.Range(0, network.NbOutputs).Select(i => Told(network.GetOutput(i)))]);

        static TensorReport Told(ITensor tensor) => new(tensor.Name, tensor.Type, tensor.Dimensions.ToArray(), null, tensor.IsShapeTensor);
    }

    private static void ThrowIfRefused(IReadOnlyList<string> refusals)
    {
        if (refusals.Count > 0)
        {
            throw new BuildRefusedException(refusals);
        }
    }
}
