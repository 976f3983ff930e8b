using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using Trt.Benchmarks;

switch (args)
{
    case ["startup-managed", { } library]:
        return Startup.Managed(library);
    case ["startup-native", { } library]:
        return Startup.Native(library);
    case ["cache", .. var models]:
        return EngineCacheBenchmark.Compare(models);
    case ["calls"]:
        return CallTurns.Compare(null);
    case ["calls", { } loops]:
        return CallTurns.Compare(loops);
    case ["enqueue"]:
        return EnqueueBenchmarks.Compare();
    case ["weights"]:
        return WeightsBenchmark.Compare();
    case ["weights-open", { } path]:
        return WeightsBenchmark.Open(path);
    case ["runner"]:
        return RunnerBenchmarks.Compare();
    case ["lite"]:
        return await LiteBenchmark.Compare().ConfigureAwait(false);
    case ["tool"]:
        return ToolBenchmark.Compare(null);
    case ["tool", { } installed]:
        return ToolBenchmark.Compare(installed);
    case ["soak"]:
        return Soak.Start(10_000, "cpu");
    case ["soak", { } rounds]:
        return Soak.Start(int.Parse(rounds, System.Globalization.CultureInfo.InvariantCulture), "cpu");
    case ["soak", { } rounds, { } way]:
        return Soak.Start(int.Parse(rounds, System.Globalization.CultureInfo.InvariantCulture), way);
    case ["startup", { } library]:
        return Startup.Compare(library);
}

// In one process, so that C++ and C# share the machine's mood.
IConfig config = DefaultConfig.Instance.AddJob(Job.Default.WithToolchain(InProcessNoEmitToolchain.Instance).WithWarmupCount(5).WithIterationCount(15));
BenchmarkSwitcher.FromAssembly(typeof(CallBenchmarks).Assembly).Run(args.Length == 0 ? ["--filter", "*"] : args, config);
if (Environment.GetEnvironmentVariable("TRT_RTX_LIBRARY_DIR") is { Length: > 0 } folder)
{
    return Startup.Compare(Path.Combine(folder, "libtensorrt_rtx.so.1"));
}

Console.WriteLine("The start-up comparison needs a library: set TRT_RTX_LIBRARY_DIR, or run with: startup FILE");
return 0;
