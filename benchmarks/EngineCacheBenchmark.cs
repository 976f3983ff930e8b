using System.Diagnostics;
using System.Globalization;
using Trt.Cpu;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Benchmarks;

/// <summary>What a build costs on the CPU runtime, and what finding the engine in a cache costs: hashing the model, finding the plan, checking it.</summary>
internal static class EngineCacheBenchmark
{
    private const int Rounds = 15;

    /// <summary>Compares; prints the medians, and the fastest in brackets.</summary>
    /// <param name="models">ONNX files; none: the U-Net of the repository.</param>
    public static int Compare(string[] models)
    {
        CpuRuntime.Register();
        TensorRtLibrary library = TensorRt.Load(new TensorRtOptions { Flavour = Flavour.Cpu });
        EngineBuilder builder = new(library, new DelegateLogger((_, _) => { }));
        string root = Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..");
        foreach (string model in models.Length > 0 ? models : [Path.Combine(root, "models", "unet.onnx")])
        {
            List<double> first = [], second = [], firstEngine = [], secondEngine = [];
            for (int round = -2; round < Rounds; round++)
            {
                string folder = Directory.CreateTempSubdirectory("trt-bench-").FullName;
                try
                {
                    (double plan, double engine) built = Measure(builder, model, folder, cached: false);
                    (double plan, double engine) found = Measure(builder, model, folder, cached: true);
                    if (round >= 0)
                    {
                        first.Add(built.plan);
                        second.Add(found.plan);
                        firstEngine.Add(built.engine);
                        secondEngine.Add(found.engine);
                    }
                }
                finally
                {
                    Directory.Delete(folder, recursive: true);
                }
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{Path.GetFileName(model)}: plan built in {Text(first)} ms, found in {Text(second)} ms, {Median(second) / Median(first):0.000} of it ({second.Min() / first.Min():0.000}); engine made of it in {Text(firstEngine)} and {Text(secondEngine)} ms"));
        }

        return 0;
    }

    private static (double Plan, double Engine) Measure(EngineBuilder builder, string model, string folder, bool cached)
    {
        EngineCache cache = new(folder);
        BuildOptions options = new() { ReadBack = false };
        Stopwatch watch = Stopwatch.StartNew();
        using CachedPlan plan = cache.GetOrBuild(builder.KeyFor(model, options), () => builder.Build(model, options).Plan);
        double milliseconds = watch.Elapsed.TotalMilliseconds;
        if (plan.WasCached != cached)
        {
            throw new InvalidOperationException($"The plan was {(plan.WasCached ? "found" : "built")}.");
        }

        using IRuntime runtime = builder.Library.CreateInferRuntime(new DelegateLogger((_, _) => { }));
        using ICudaEngine engine = plan.Deserialize(runtime);
        return (milliseconds, watch.Elapsed.TotalMilliseconds - milliseconds);
    }

    private static string Text(List<double> values) => string.Create(CultureInfo.InvariantCulture, $"{Median(values):0.00} ({values.Min():0.00})");

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
