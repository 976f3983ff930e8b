using Trt.Interop;

namespace Trt.Utils;

/// <content>What is in a cache, and what goes.</content>
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
