using System.Diagnostics;
using System.Globalization;
using Trt.Interop;

namespace Trt.Utils;

/// <content>The files of a cache.</content>
public sealed partial class EngineCache
{
    private const string PlanSuffix = ".plan";
    private const string DescriptionSuffix = ".json";
    private const int IdLength = 64;

    /// <summary>What is in the folder, the last used first. Plans are not read, so a damaged one looks whole.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public IReadOnlyList<EngineCacheEntry> Entries
    {
        get
        {
            List<EngineCacheEntry> entries = [];
            if (Directory.Exists(Folder))
            {
                foreach (FileInfo plan in new DirectoryInfo(Folder).EnumerateFiles("*" + PlanSuffix))
                {
                    if (Path.GetFileNameWithoutExtension(plan.Name) is { Length: IdLength } id && id.AsSpan().IndexOfAnyExcept("0123456789abcdef") < 0)
                    {
                        entries.Add(Describe(id, plan));
                    }
                }
            }

            return [.. entries.OrderByDescending(entry => entry.LastUsed)];
        }
    }

    /// <summary>Removes an engine, waiting while somebody builds it.</summary>
    /// <param name="key">What it is made from and for.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="IOException">It cannot be removed.</exception>
    public bool Remove(EngineCacheKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (!File.Exists(PlanOf(key.Id)) && !File.Exists(DescriptionOf(key.Id)))
        {
            return false;
        }

        using FileLock entry = FileLock.Acquire(LockOf(key.Id));
        Delete(key.Id);
        return true;
    }

    /// <summary>Removes all engines but those that are being built.</summary>
    /// <returns>How many were removed.</returns>
    /// <exception cref="IOException">One cannot be removed.</exception>
    public int Clear() => Trim(0, keep: null);

    /// <summary>Removes the engines that were not used for the longest time until the rest is small enough; those that are being built stay.</summary>
    /// <param name="maxBytes">The most bytes that plans may take afterwards.</param>
    /// <returns>How many were removed.</returns>
    /// <exception cref="IOException">One cannot be removed.</exception>
    public int Trim(long maxBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes);
        return Trim(maxBytes, keep: null);
    }

    private int Trim(long maxBytes, string? keep)
    {
        IReadOnlyList<EngineCacheEntry> entries = Entries;
        long bytes = entries.Sum(entry => entry.Length);
        int removed = 0;
        foreach (EngineCacheEntry entry in entries.Reverse())
        {
            if (bytes <= maxBytes && maxBytes > 0)
            {
                break;
            }

            if (entry.Id == keep)
            {
                continue;
            }

            using FileLock? free = FileLock.TryAcquire(LockOf(entry.Id));
            if (free is not null)
            {
                Delete(entry.Id);
                bytes -= entry.Length;
                removed++;
                options.Log?.Invoke(Severity.Info, $"Engine cache: {entry.Key?.ToString() ?? entry.Id} was removed, last used {entry.LastUsed:u}.");
            }
        }

        return removed;
    }

    private EngineCacheEntry Describe(string id, FileInfo plan)
    {
        EngineCacheDescription? description = EngineCacheDescription.TryRead(DescriptionOf(id), out string problem);
        FileInfo beside = new(DescriptionOf(id));
        return new EngineCacheEntry
        {
            Id = id,
            Path = plan.FullName,
            Length = plan.Length,
            LastUsed = beside.Exists ? beside.LastWriteTimeUtc : plan.LastWriteTimeUtc,
            Key = description?.Key,
            Created = description?.Created,
            BuildTime = description?.BuildTime,
            Problem = description is null ? problem
                : description.Key.Id != id ? "its description is another engine's"
                : description.Length != plan.Length ? $"its plan has {plan.Length} bytes, and its description says {description.Length}"
                : null,
        };
    }

    /// <summary>The entry when it is whole.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="reason">Why not, as a part of a sentence; empty when there is none at all.</param>
    private CachedPlan? Find(EngineCacheKey key, out string reason)
    {
        string path = PlanOf(key.Id);
        if (EngineCacheDescription.TryRead(DescriptionOf(key.Id), out reason) is not { } description)
        {
            if (!File.Exists(path) && !File.Exists(DescriptionOf(key.Id)))
            {
                reason = string.Empty;
            }

            return null;
        }

        if (!description.Key.Equals(key))
        {
            reason = "its description is another engine's";
            return null;
        }

        MappedFile file;
        try
        {
            file = MappedFile.Open(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            reason = error is FileNotFoundException ? "its plan is missing" : $"its plan cannot be read ({error.Message.TrimEnd('.')})";
            return null;
        }

        CachedPlan plan = CachedPlan.Of(key, file, wasCached: true);
        reason = plan.Length != description.Length || plan.Length == 0 ? $"its plan has {plan.Length} bytes, and its description says {description.Length}"
            : plan.Checksum() != description.Checksum ? "its plan's checksum is wrong"
            : string.Empty;
        if (reason.Length > 0)
        {
            plan.Dispose();
            return null;
        }

        return plan;
    }

    /// <summary>The entry once more, now that nobody else builds it; says why an entry is not used.</summary>
    private CachedPlan? FindAgain(EngineCacheKey key, FileLock entry)
    {
        if (Find(key, out string reason) is { } found)
        {
            return found;
        }

        if (reason.Length > 0)
        {
            Interlocked.Increment(ref rebuilds);
            options.Log?.Invoke(Severity.Warning, $"Engine cache: {key} is built again: {reason}.");
        }

        if (entry.Protects)
        {
            // Nobody is about to write these files, so what is half-written is a dead process's.
            AtomicFile.Sweep(PlanOf(key.Id), TimeSpan.Zero);
            AtomicFile.Sweep(DescriptionOf(key.Id), TimeSpan.Zero);
        }
        else
        {
            options.Log?.Invoke(Severity.Warning, $"Engine cache: the file system of {Folder} knows no locks, or they are turned off, so other processes may build the same engine at the same time.");
        }

        return null;
    }

    private CachedPlan Build(EngineCacheKey key, PlanBuild build, long? started = null)
    {
        Interlocked.Increment(ref misses);
        long start = started ?? Stopwatch.GetTimestamp();
        build.Prepare();
        IOException? failure;
        try
        {
            failure = Keep(key, build, start);
        }
        catch
        {
            build.Release();
            throw;
        }

        if (failure is not null && options.BuildWhenUnwritable)
        {
            return WithoutFile(key, build, failure, counted: true);
        }

        build.Release();
        if (failure is not null)
        {
            throw failure;
        }

        CachedPlan plan = CachedPlan.Of(key, MappedFile.Open(PlanOf(key.Id)), wasCached: false);
        options.Log?.Invoke(Severity.Info, string.Create(CultureInfo.InvariantCulture, $"Engine cache: {key} was built in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s, {plan.Length} bytes."));
        if (options.MaxBytes is { } most)
        {
            try
            {
                Trim(most, keep: key.Id);
            }
            catch (IOException error)
            {
                options.Log?.Invoke(Severity.Warning, $"Engine cache: it stays larger than {most} bytes: {error.Message}");
            }
        }

        return plan;
    }

    /// <summary>Writes an entry.</summary>
    /// <returns>Why the files cannot be written; null when they were. What the build throws comes out.</returns>
    private IOException? Keep(EngineCacheKey key, PlanBuild build, long start)
    {
        AtomicFile file;
        try
        {
            file = AtomicFile.Create(PlanOf(key.Id));
        }
        catch (IOException error)
        {
            return error;
        }

        using (file)
        {
            using PlanWriteStream stream = new(file);
            try
            {
                build.WriteTo(stream);
            }
            catch when (stream.Failure is not null)
            {
                // However the build wrapped it.
                return stream.Failure;
            }

            if (stream.Failure is not null)
            {
                return stream.Failure; // the build took no notice
            }

            if (stream.Length == 0)
            {
                throw new InvalidOperationException($"The build of {key} gave an empty plan, which is not kept.");
            }

            EngineCacheDescription description = new()
            {
                Form = EngineCacheDescription.CurrentForm,
                Model = key.Model,
                Options = key.Options,
                Library = key.Library,
                Gpu = key.Gpu,
                Name = key.Name,
                Length = stream.Length,
                Checksum = stream.Finish(),
                Created = DateTimeOffset.UtcNow,
                BuildSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds,
            };
            try
            {
                file.Commit();
                description.Write(DescriptionOf(key.Id));
                return null;
            }
            catch (IOException error)
            {
                return error;
            }
        }
    }

    private CachedPlan WithoutFile(EngineCacheKey key, PlanBuild build, IOException error, bool counted = false)
    {
        if (!counted)
        {
            Interlocked.Increment(ref misses);
        }

        options.Log?.Invoke(Severity.Warning, $"Engine cache: {key} is built without being kept: {error.Message}");
        return build.InMemory(key);
    }

    private void Delete(string id)
    {
        try
        {
            // The description first: without it the plan counts for nothing.
            File.Delete(DescriptionOf(id));
            File.Delete(PlanOf(id));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{PlanOf(id)} cannot be removed from the engine cache: {error.Message}", error);
        }
    }

    /// <summary>Remembers that the entry was used.</summary>
    private void Touch(string id)
    {
        try
        {
            File.SetLastWriteTimeUtc(DescriptionOf(id), DateTime.UtcNow);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A folder that cannot be written evicts nothing either.
        }
    }

    private string PlanOf(string id) => Path.Combine(Folder, id + PlanSuffix);

    private string DescriptionOf(string id) => Path.Combine(Folder, id + DescriptionSuffix);

    private string LockOf(string id) => Path.Combine(Folder, "locks", id + ".lock");
}
