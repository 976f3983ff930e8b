using System.Diagnostics;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>A folder of built engines that processes share: an engine is built once and read from then on.</summary>
/// <remarks>
/// <para>
/// An entry is a plan, <c>KEY.plan</c>, with a description beside it, <c>KEY.json</c>: what it was made from, its length and its checksum. Both are written under other names
/// and renamed when whole, the description last. A plan that does not match its description is built again, with the reason in the log. While one process
/// builds, those that want the same engine wait for it; when it is killed, the next one builds. Locks are empty files in the subfolder <c>locks</c>, which stay.
/// </para>
/// <para>
/// Reading needs no lock and no right to write. Whoever may write to the folder can exchange engines; keep it as safe as your programs. Thread-safe; threads
/// and processes may use any number of objects for one folder. A build must not ask the cache for the engine that it builds.
/// </para>
/// </remarks>
public sealed partial class EngineCache
{
    private readonly EngineCacheOptions options;
    private long hits;
    private long misses;
    private long rebuilds;

    /// <summary>A cache in a folder.</summary>
    /// <param name="folder">Made at the first build; null: <see cref="DefaultFolder"/>.</param>
    /// <param name="options">How it behaves; null: defaults.</param>
    public EngineCache(string? folder = null, EngineCacheOptions? options = null)
    {
        Folder = Path.GetFullPath(folder ?? DefaultFolder);
        this.options = options ?? new EngineCacheOptions();
    }

    /// <summary>TRT_ENGINE_CACHE, or <c>trt/engines</c> in the user's folder for data that stays on this machine.</summary>
    public static string DefaultFolder => Environment.GetEnvironmentVariable("TRT_ENGINE_CACHE") is { Length: > 0 } named
        ? named
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify) is { Length: > 0 } local ? local : Path.GetTempPath(), "trt", "engines");

    /// <summary>The folder, as a full path.</summary>
    public string Folder { get; }

    /// <summary>How often this object found an engine, those counted that another process had built while it waited.</summary>
    public long Hits => Interlocked.Read(ref hits);

    /// <summary>How often this object had to build.</summary>
    public long Misses => Interlocked.Read(ref misses);

    /// <summary>How many of <see cref="Misses"/> had an entry that was damaged or stale.</summary>
    public long Rebuilds => Interlocked.Read(ref rebuilds);

    /// <summary>Looks for an engine.</summary>
    /// <param name="key">What it is made from and for.</param>
    /// <returns>The plan, its checksum found right, to be disposed by the caller; null when there is none that can be used. Counts nothing.</returns>
    public CachedPlan? TryGet(EngineCacheKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Find(key, out _);
    }

    /// <summary>Gives an engine, building it when it is not there.</summary>
    /// <param name="key">What it is made from and for.</param>
    /// <param name="build">Builds the plan; called at most once, while no other process builds the same. Its memory is disposed here.</param>
    /// <param name="cancellation">Ends the waiting for another process.</param>
    /// <returns>The plan, to be disposed by the caller.</returns>
    /// <exception cref="IOException">The entry cannot be written; the message names the file and says what to do. See <see cref="EngineCacheOptions.BuildWhenUnwritable"/>.</exception>
    /// <exception cref="OperationCanceledException">It was asked for while waiting.</exception>
    public CachedPlan GetOrBuild(EngineCacheKey key, Func<IHostMemory> build, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(build);
        return GetOrBuild(key, new PlanBuild.OfMemory(build), anew: false, cancellation);
    }

    /// <summary>Gives an engine, building it when it is not there, straight into the cache's file.</summary>
    /// <param name="key">What it is made from and for.</param>
    /// <param name="build">
    /// Writes the plan from its beginning to its end; called once, while no other process builds the same (and again, with memory to write to, when the disk is full and
    /// <see cref="EngineCacheOptions.BuildWhenUnwritable"/> is set).
    /// </param>
    /// <param name="cancellation">Ends the waiting for another process.</param>
    /// <inheritdoc cref="GetOrBuild(EngineCacheKey, Func{IHostMemory}, CancellationToken)"/>
    public CachedPlan GetOrBuild(EngineCacheKey key, Action<Stream> build, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(build);
        return GetOrBuild(key, new PlanBuild.OfStream(build), anew: false, cancellation);
    }

    /// <summary>Gives an engine, building it when it is not there; waits for other processes without a thread.</summary>
    /// <param name="key">What it is made from and for.</param>
    /// <param name="build">Builds the plan; called at most once, while no other process builds the same. Its memory is disposed here.</param>
    /// <param name="cancellation">Ends the waiting for another process, and is given to the build.</param>
    /// <inheritdoc cref="GetOrBuild(EngineCacheKey, Func{IHostMemory}, CancellationToken)"/>
    public async Task<CachedPlan> GetOrBuildAsync(EngineCacheKey key, Func<CancellationToken, Task<IHostMemory>> build, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(build);
        ArgumentNullException.ThrowIfNull(key);
        if (Find(key, out _) is { } found)
        {
            return Hit(found);
        }

        FileLock? entry = null;
        IOException? unwritable = null;
        try
        {
            entry = await FileLock.AcquireAsync(LockOf(key.Id), cancellation, () => Waiting(key)).ConfigureAwait(false);
        }
        catch (IOException error) when (options.BuildWhenUnwritable)
        {
            unwritable = error;
        }

        using (entry)
        {
            if (entry is not null && FindAgain(key, entry) is { } other)
            {
                return Hit(other);
            }

            long start = Stopwatch.GetTimestamp();
            IHostMemory memory = await build(cancellation).ConfigureAwait(false);
            PlanBuild built = new PlanBuild.OfMemory(() => memory);
            return unwritable is null ? Build(key, built, start) : WithoutFile(key, built, unwritable);
        }
    }

    /// <summary>Gives an engine made from the plan, building the plan when it is not there or when the runtime refuses the one that is.</summary>
    /// <param name="key">What it is made from and for.</param>
    /// <param name="runtime">Makes the engine.</param>
    /// <param name="build">Builds the plan; called at most once. Its memory is disposed here.</param>
    /// <param name="cancellation">Ends the waiting for another process.</param>
    /// <returns>The engine, to be disposed by the caller.</returns>
    /// <exception cref="TensorRtException">The runtime refuses the plan that was just built; the message has its reason.</exception>
    /// <inheritdoc cref="GetOrBuild(EngineCacheKey, Func{IHostMemory}, CancellationToken)"/>
    public ICudaEngine GetOrBuildEngine(EngineCacheKey key, IRuntime runtime, Func<IHostMemory> build, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(runtime);
        ArgumentNullException.ThrowIfNull(build);
        using (CachedPlan plan = GetOrBuild(key, build, cancellation))
        {
            try
            {
                return plan.Deserialize(runtime);
            }
            catch (TensorRtException error) when (plan.WasCached)
            {
                Interlocked.Increment(ref rebuilds);
                options.Log?.Invoke(Severity.Warning, $"Engine cache: {key} is built again, since the runtime refuses it: {error.Message}");
            }
        }

        using CachedPlan again = GetOrBuild(key, new PlanBuild.OfMemory(build), anew: true, cancellation);
        return again.Deserialize(runtime);
    }

    private CachedPlan GetOrBuild(EngineCacheKey key, PlanBuild build, bool anew, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (!anew && Find(key, out _) is { } found)
        {
            return Hit(found);
        }

        FileLock entry;
        try
        {
            entry = FileLock.Acquire(LockOf(key.Id), cancellation, () => Waiting(key));
        }
        catch (IOException error) when (options.BuildWhenUnwritable)
        {
            return WithoutFile(key, build, error);
        }

        using (entry)
        {
            return (anew ? null : FindAgain(key, entry)) is { } other ? Hit(other) : Build(key, build);
        }
    }

    private CachedPlan Hit(CachedPlan plan)
    {
        Interlocked.Increment(ref hits);
        Touch(plan.Key.Id);
        options.Log?.Invoke(Severity.Verbose, $"Engine cache: {plan.Key} was found.");
        return plan;
    }

    private void Waiting(EngineCacheKey key) => options.Log?.Invoke(Severity.Info, $"Engine cache: {key} is being built by somebody else; waiting for it.");
}
