using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.Utils;

/// <summary>Exchanges an engine's weights: from a state dict, an ONNX file, a network, another refit or another engine's source, without building anew.</summary>
/// <remarks>
/// <para>
/// <code>
/// using WeightsMap weights = WeightsMap.Open("lenet_tuned.pth");
/// Refitting.Refit(engine, weights);
/// </code>
/// </para>
/// <para>
/// Values are collected and checked first; <see cref="Apply"/> puts all of them into the engine at once. Whatever fails before leaves the engine as it was. What holds the values (an open file, device memory) must stay
/// until Apply has returned, or the stream has passed <see cref="ApplyAsync"/>. Runs of the engine must not be under way meanwhile unless they are on the same stream. Not thread-safe.
/// </para>
/// </remarks>
public sealed class Refitting : IDisposable
{
    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(50);

    private readonly ICudaEngine engine;
    private readonly ILogger log;
    private readonly OrderedDictionary<string, RefitGift> pending = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, RefitGift> applied = new(StringComparer.Ordinal);
    private readonly List<IDisposable> kept = [];
    private IRefitter? refitter;
    private bool disposed;

    /// <summary>Prepares the refit of an engine.</summary>
    /// <param name="engine">An engine that was built to be refitted (<see cref="BuildOptions.Refit"/>); to be disposed after this.</param>
    /// <param name="library">Its library; null: the one that made it, or the registered CPU runtime.</param>
    /// <param name="logger">Hears the library; null: warnings and errors go to the console.</param>
    /// <exception cref="ArgumentException">The engine was not built to be refitted.</exception>
    /// <exception cref="TensorRtException">The library does not refit, as lean runtimes do not; the message has its reason.</exception>
    public Refitting(ICudaEngine engine, TensorRtLibrary? library = null, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(engine);
        if (!engine.IsRefittable)
        {
            throw new ArgumentException("The engine cannot be refitted: it was not built for that. Build it again with BuildOptions.Refit (RefitKind.All), or trt's --refit.", nameof(engine));
        }

        this.engine = engine;
        Library = library ?? TensorRtLibrary.Of(engine) ?? TensorRt.Load(new TensorRtOptions { Flavour = Flavour.Cpu });
        log = logger ?? EngineBuilder.DefaultLogger;
        refitter = Library.CreateInferRefitter(engine, log);
    }

    /// <summary>The engine's library.</summary>
    public TensorRtLibrary Library { get; }

    /// <summary>Names of the weights that can be exchanged by name.</summary>
    public IReadOnlyList<string> Names => Native.GetAllWeights();

    /// <summary>All weights that can be exchanged, by layer and role; those with a name are among them.</summary>
    public IReadOnlyList<(string Layer, WeightsRole Role)> Places => Native.GetAll();

    /// <summary>What the engine still needs before it can be refitted with what was given so far: names, or layer and role as in <c>conv1 (Kernel)</c>. Empty when nothing is.</summary>
    public IReadOnlyList<string> Missing
    {
        get
        {
            // Weights with a name stand in both lists, and nothing tells which: what has names is told by them.
            string[] names = Native.GetMissingWeights();
            (string LayerName, WeightsRole Role)[] places = Native.GetMissing();
            return places.Length <= names.Length
                ? names
                : [.. names, .. places.Where(place => !names.Contains(RefitMapping.NameOf(place.LayerName, place.Role))).Select(place => RefitGift.Label(place.LayerName, place.Role))];
        }
    }

    /// <summary>TensorRT's own object, for threads and validation; another one after each refit.</summary>
    public IRefitter Native
    {
        get
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (refitter is null)
            {
                refitter = Library.CreateInferRefitter(engine, log);
                foreach (RefitGift gift in pending.Values)
                {
                    gift.GiveTo(refitter);
                }
            }

            return refitter;
        }
    }

    /// <summary>Refits an engine from a state dict.</summary>
    /// <param name="engine">An engine that was built to be refitted.</param>
    /// <param name="weights">The tensors.</param>
    /// <param name="mapping">How names differ; null: not at all.</param>
    /// <returns>What matched.</returns>
    /// <exception cref="MissingWeightsException">The source lacks weights, or the engine needs more; the engine is as it was.</exception>
    /// <exception cref="ArgumentException">The engine was not built to be refitted, or a tensor does not fit; the engine is as it was.</exception>
    /// <exception cref="TensorRtException">The library refused; the message has its reason.</exception>
    public static RefitReport Refit(ICudaEngine engine, WeightsMap weights, RefitMapping? mapping = null)
    {
        using Refitting refitting = new(engine);
        RefitReport report = refitting.SetFrom(weights, mapping);
        refitting.Apply();
        return report;
    }

    /// <summary>Refits an engine from a file: an ONNX model by its extension <c>.onnx</c>, else weights of any format that <see cref="WeightsMap.Open"/> reads.</summary>
    /// <param name="engine">An engine that was built to be refitted.</param>
    /// <param name="path">The file.</param>
    /// <param name="mapping">How names differ; null: not at all.</param>
    /// <returns>What matched.</returns>
    /// <exception cref="MissingWeightsException">The source lacks weights, or the engine needs more; the engine is as it was.</exception>
    /// <exception cref="ArgumentException">The engine was not built to be refitted, or a tensor does not fit; the engine is as it was.</exception>
    /// <exception cref="TensorRtException">The library refused; the message has its reason.</exception>
    public static RefitReport Refit(ICudaEngine engine, string path, RefitMapping? mapping = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using Refitting refitting = new(engine);
        using WeightsMap? weights = IsOnnx(path) ? null : WeightsMap.Open(path);
        RefitReport report = weights is null ? refitting.SetFromOnnx(path, mapping) : refitting.SetFrom(weights, mapping);
        refitting.Apply();
        return report;
    }

    /// <summary>Gives values by name.</summary>
    /// <param name="name">The weights' name.</param>
    /// <param name="tensor">The values; converted to the engine's type. An open file must stay open until the refit.</param>
    /// <exception cref="ArgumentException">There are no such weights, or they have another number of elements.</exception>
    public void Set(string name, TorchTensor tensor)
    {
        CheckName(name);
        ArgumentNullException.ThrowIfNull(tensor);
        Add([new WeightsMatch(this, WeightsMap.From(new Dictionary<string, TorchTensor> { [name] = tensor }), new RefitMapping()).Of(name, tensor)]);
    }

    /// <summary>Gives values by name.</summary>
    /// <param name="name">The weights' name.</param>
    /// <param name="weights">Values of the engine's type and count; what holds them must stay until the refit unless they have an owner.</param>
    /// <param name="location">Where they lie; releases before 10 take host memory only.</param>
    /// <exception cref="ArgumentException">There are no such weights.</exception>
    /// <exception cref="TensorRtException">Type or count differ.</exception>
    public void Set(string name, Weights weights, TensorLocation location = TensorLocation.Host)
    {
        CheckName(name);
        Add([new WeightsGift(name, null, default, weights, location)]);
    }

    /// <summary>Gives values by layer and role.</summary>
    /// <param name="layer">The layer's name.</param>
    /// <param name="role">Which of its weights.</param>
    /// <param name="weights">Values of the engine's type and count; what holds them must stay until the refit unless they have an owner.</param>
    /// <exception cref="TensorRtException">There are no such weights, or type or count differ.</exception>
    public void Set(string layer, WeightsRole role, Weights weights)
    {
        ArgumentException.ThrowIfNullOrEmpty(layer);
        Add([new WeightsGift(null, layer, role, weights)]);
    }

    /// <summary>Gives values on the device by name; where the release takes host memory only they are copied there.</summary>
    /// <typeparam name="T">The engine's element type: float, Half, int, long, sbyte, byte or bool.</typeparam>
    /// <param name="name">The weights' name.</param>
    /// <param name="memory">The values; to be kept until the refit.</param>
    /// <exception cref="ArgumentException">There are no such weights, or the elements are of another type or number.</exception>
    public void Set<T>(string name, DeviceMemory<T> memory)
        where T : unmanaged
    {
        CheckName(name);
        ArgumentNullException.ThrowIfNull(memory);
        if (!TellsPrototypes)
        {
            Add([new WeightsGift(name, null, default, Weights.From(memory.ToArray()))]);
            return;
        }

        Weights prototype = Native.GetWeightsPrototype(name);
        if (!ElementTypes.Holds<T>(prototype.Type) || prototype.Count != memory.Length)
        {
            throw new ArgumentException($"Weights \"{name}\" of the engine have {prototype.Count} elements of type {prototype.Type} ({ElementTypes.NameOf(prototype.Type)}), but the memory has {memory.Length} of {typeof(T).Name}.", nameof(memory));
        }

        Add([new WeightsGift(name, null, default, new Weights(prototype.Type, memory.Pointer, memory.Length, memory), TensorLocation.Device, () => _ = memory.Pointer)]);
    }

    /// <summary>Says what was given and what is missing, as text.</summary>
    public string Report()
    {
        IReadOnlyList<string> missing = Missing;
        return $"{pending.Count} of {Math.Max(Names.Count, Places.Count)} weights given. " + (missing.Count == 0 ? "Nothing is missing." : $"Missing ({missing.Count}): {RefitReport.Listed(missing)}.");
    }

    /// <summary>Puts the values into the engine, and waits until that is done. What was given is then used up; the next refit begins anew.</summary>
    /// <exception cref="MissingWeightsException">The engine needs more; it is as it was, and more can be given.</exception>
    /// <exception cref="ObjectDisposedException">What held values has been disposed.</exception>
    /// <exception cref="TensorRtException">The library refused; the message has its reason.</exception>
    public void Apply()
    {
        CheckReady();
        Native.RefitCudaEngine();
        Finish();
    }

    /// <summary>Puts the values into the engine in the order of a stream, without keeping a thread waiting. Releases before 10 have no such call: there it is done at once.</summary>
    /// <param name="stream">The stream of the engine's runs, which then use the new weights from here on; null: one of its own.</param>
    /// <param name="cancellationToken">Looked at before it begins: a refit is done as a whole or not at all.</param>
    /// <returns>Done when the engine has its new weights.</returns>
    /// <exception cref="MissingWeightsException">The engine needs more; it is as it was, and more can be given.</exception>
    /// <exception cref="ObjectDisposedException">What held values has been disposed.</exception>
    /// <exception cref="TensorRtException">The library refused; the message has its reason.</exception>
    public async Task ApplyAsync(CudaStream? stream = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        CheckReady();
        if (!Library.Supports("IRefitter.refitCudaEngineAsync"))
        {
            Native.RefitCudaEngine();
            Finish();
            return;
        }

        using CudaStream? own = stream is null ? new CudaStream(Library.Flavour == Flavour.Cpu ? Device.Host : Device.Current) : null;
        CudaStream on = stream ?? own!;
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Native.RefitCudaEngineAsync(on);
        on.Enqueue(static state => ((TaskCompletionSource)state!).SetResult(), done);
        while (await Task.WhenAny(done.Task, Task.Delay(WatchInterval, CancellationToken.None)).ConfigureAwait(false) != done.Task)
        {
            // A stream that has failed calls nobody back.
            if (on.IsIdle && !done.Task.IsCompleted)
            {
                on.Synchronize();
                throw new InvalidOperationException($"The refit on {on} ended without being told.");
            }
        }

        Finish();
    }

    /// <summary>Gives up what was collected. The engine stays as it is.</summary>
    public void Dispose()
    {
        if (!disposed)
        {
            disposed = true;
            Renew();
            kept.ForEach(item => item.Dispose());
        }
    }

    /// <summary>Whether the release tells types and counts of weights by name.</summary>
    internal bool TellsPrototypes => Library.Supports("IRefitter.getWeightsPrototype");

    internal ILogger Log => log;

    /// <summary>What was given, the latest for each weights: to the engine, or for the refit to come.</summary>
    internal IReadOnlyDictionary<string, RefitGift> Gifts
    {
        get
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            OrderedDictionary<string, RefitGift> gifts = new(applied, StringComparer.Ordinal);
            foreach ((string key, RefitGift gift) in pending)
            {
                gifts[key] = gift;
            }

            return gifts;
        }
    }

    /// <summary>Hands values to the refitter: all, or none when one is refused.</summary>
    internal void Add(IReadOnlyList<RefitGift> gifts)
    {
        try
        {
            foreach (RefitGift gift in gifts)
            {
                gift.GiveTo(Native);
            }
        }
        catch (Exception)
        {
            foreach (RefitGift gift in gifts)
            {
                gift.Release();
            }

            // What it has taken already must go; what was given before is given to the next one.
            Renew();
            throw;
        }

        foreach (RefitGift gift in gifts)
        {
            pending[gift.Key] = gift;
        }
    }

    /// <summary>Keeps something until this is disposed.</summary>
    internal void Keep(IDisposable item) => kept.Add(item);

    /// <exception cref="MissingWeightsException">There are some, and that is not allowed.</exception>
    internal static void CheckFound(IReadOnlyList<string> notFound, IReadOnlyList<string> unused, string source, bool allowPartial)
    {
        if (notFound.Count > 0 && !allowPartial)
        {
            string near = NearestName.Of(notFound[0], unused).FirstOrDefault() is { } nearest ? $" Unused is for example {nearest}." : string.Empty;
            throw new MissingWeightsException($"{source} has nothing for {notFound.Count} of the engine's weights: {RefitReport.Listed(notFound)}.{near} Map names with RefitMapping.Rename, or let these weights stay as they are with AllowPartial.", notFound);
        }
    }

    private static bool IsOnnx(string path) => Path.GetExtension(path).Equals(".onnx", StringComparison.OrdinalIgnoreCase);

    private void CheckName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        IReadOnlyList<string> names = Names;
        if (!names.Contains(name))
        {
            string near = NearestName.Of(name, names).FirstOrDefault() is { } nearest ? $" Near it: {nearest}." : string.Empty;
            throw new ArgumentException($"The engine has no weights \"{name}\" that can be exchanged by name.{near} It has {(names.Count == 0 ? "none with a name: use layer and role" : RefitReport.Listed(names))}.", nameof(name));
        }
    }

    private void CheckReady()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (pending.Count == 0)
        {
            throw new InvalidOperationException("No weights were given: use Set or SetFrom first.");
        }

        foreach (RefitGift gift in pending.Values)
        {
            gift.Check();
        }

        if (Missing is { Count: > 0 } missing)
        {
            throw new MissingWeightsException($"The engine cannot be refitted yet: missing {(missing.Count == 1 ? "is" : "are")} {RefitReport.Listed(missing)}. Give them with Set or SetFrom.", missing);
        }
    }

    /// <summary>The values are in the engine. The refitter would read them again at the next refit, when their memory may be gone: it goes too.</summary>
    private void Finish()
    {
        Renew();
        foreach (RefitGift gift in pending.Values)
        {
            applied[gift.Key] = gift;
        }

        pending.Clear();
    }

    private void Renew()
    {
        foreach (RefitGift gift in pending.Values)
        {
            gift.Release();
        }

        refitter?.Dispose();
        refitter = null;
    }
}
