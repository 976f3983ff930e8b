using System.Globalization;
using Trt.Interop;
using Trt.Utils.Tests.Engines;

namespace Trt.Utils.Tests.Processes;

/// <summary>Children that use an engine cache.</summary>
internal static class CacheChildren
{
    /// <summary>Sizes of what <see cref="BuildForever"/> builds, by name.</summary>
    public static IReadOnlyDictionary<string, int> Sizes { get; } = new Dictionary<string, int> { ["small"] = 10, ["middle"] = 300_000, ["large"] = 5_000_000 };

    /// <summary>Asks for a made-up plan; tells what happens.</summary>
    /// <param name="manner"><c>pause</c>: the build waits for the test; <c>half</c>: it does so with half of the plan written; <c>anyway</c>: it is built where nothing can be written.</param>
    public static int GetOrBuild(string folder, string name, string bytes, string[] manner)
    {
        EngineCache cache = new(folder, new EngineCacheOptions
        {
            BuildWhenUnwritable = manner.Contains("anyway"),
            Log = (severity, text) => ChildProgram.Tell(text.Contains("waiting", StringComparison.Ordinal) ? "waiting" : $"{severity} {text}"),
        });
        byte[] plan = MadePlans.Of(name, int.Parse(bytes, CultureInfo.InvariantCulture));
        try
        {
            using CachedPlan got = cache.GetOrBuild(MadePlans.Key(name), stream =>
            {
                ChildProgram.Tell("building");
                stream.Write(plan.AsSpan(0, plan.Length / 2));
                if (manner.Contains("half") || manner.Contains("pause"))
                {
                    if (manner.Contains("half"))
                    {
                        ChildProgram.Tell("half");
                    }

                    ChildProgram.WaitForParent();
                }

                stream.Write(plan.AsSpan(plan.Length / 2));
            });
            ChildProgram.Tell($"{(got.WasCached ? "cached" : "built")} {got.Span.SequenceEqual(plan)}");
        }
        catch (IOException error)
        {
            ChildProgram.Tell("error " + error.Message);
        }

        return 0;
    }

    /// <summary>Builds, removes and builds again until it is killed.</summary>
    public static int BuildForever(string folder)
    {
        EngineCache cache = new(folder);
        ChildProgram.Tell("begun");
        while (true)
        {
            foreach ((string name, int bytes) in Sizes)
            {
                using CachedPlan plan = cache.GetOrBuild(MadePlans.Key(name), stream => stream.Write(MadePlans.Of(name, bytes)));
            }

            cache.Remove(MadePlans.Key("large"));
            cache.Remove(MadePlans.Key("middle"));
        }
    }

    /// <summary>Loads a timing cache file, adds a key and saves it, again and again.</summary>
    public static int Measure(string path, string first, string count)
    {
        TensorRtLibrary library = TinyNetwork.Cpu();
        using IBuilder builder = library.CreateInferBuilder(new CollectingLogger());
        int from = int.Parse(first, CultureInfo.InvariantCulture);
        for (int key = from; key < from + int.Parse(count, CultureInfo.InvariantCulture); key++)
        {
            using IBuilderConfig config = builder.CreateBuilderConfig();
            using TimingCacheFile file = TimingCacheFile.Load(path, config, library, log: (_, text) => ChildProgram.Tell(text));
            using ITimingCache more = config.CreateTimingCache(CpuTimingCaches.With(key));
            file.Cache.Combine(more, ignoreMismatch: false);
            file.Save();
        }

        return 0;
    }
}
