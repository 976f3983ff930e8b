using System.Diagnostics;
using System.Globalization;
using Trt.Interop;

namespace Trt.Utils;

/// <content>Finding an entry, and building and writing one.</content>
public sealed partial class EngineCache
{
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
}
