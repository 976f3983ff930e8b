using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Trt.Cpu;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Interop.Loading;
using Trt.Utils;

namespace Trt.Benchmarks;

/// <summary>Builds, runs and disposes a small engine over and over, and tells how the process grows.</summary>
/// <remarks>
/// In a process of its own in which methods are compiled once: .NET's recompiling of hot methods takes 10 to 20 MB for itself, most of it within the first thousand rounds.
/// </remarks>
internal static class Soak
{
    private const int WarmUp = 100;
    private const int Reports = 10;

    private const string Tiering = "DOTNET_TieredCompilation";

    /// <summary>Starts the process that runs the rounds.</summary>
    /// <param name="rounds">How many.</param>
    /// <param name="way"><c>cpu</c>: the CPU runtime; <c>stubs</c>: the same through vtables in both directions; else the file or folder of a library, which only builds where no GPU is.</param>
    public static int Start(int rounds, string way)
    {
        if (Environment.GetEnvironmentVariable(Tiering) == "0")
        {
            return Run(rounds, way);
        }

        ProcessStartInfo start = new(Environment.ProcessPath!, [.. Startup.Arguments(), "soak", rounds.ToString(CultureInfo.InvariantCulture), way]);
        start.Environment[Tiering] = "0";
        using Process process = Process.Start(start)!;
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>Runs the rounds; fails when the process grew by more than 1 MB after the first hundred.</summary>
    private static int Run(int rounds, string way)
    {
        CpuRuntime.Register();
        TensorRtLibrary library = way switch
        {
            "cpu" => TensorRt.Load(new TensorRtOptions { Flavour = Flavour.Cpu }),
            "stubs" => new LoopBackLibrary(CpuRuntime.Provider, "10.16"),
            _ => TensorRt.Load(way),
        };
        bool runs = way is "cpu" or "stubs" || CudaDriver.IsAvailable(out _);
        EngineBuilder builder = new(library, new DelegateLogger((_, _) => { }));
        Stopwatch watch = Stopwatch.StartNew();
        long before = 0;
        for (int round = 1; round <= rounds; round++)
        {
            Round(builder, round, runs);
            if (round == WarmUp)
            {
                before = Resident();
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{round,7} rounds {before / 1e6:0.00} MB resident"));
            }
            else if (round > WarmUp && round % Math.Max(rounds / Reports, 1) == 0)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{round,7} rounds {Resident() / 1e6:0.00} MB resident, {GC.GetTotalMemory(forceFullCollection: true) / 1e6:0.00} MB managed, {watch.Elapsed.TotalSeconds:0} s"));
            }
        }

        long grown = Resident() - before;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"grown by {grown / 1e6:0.00} MB between round {WarmUp} and {rounds}"));
        return grown < 1_000_000 ? 0 : 1;
    }

    private static void Round(EngineBuilder builder, int round, bool runs)
    {
        BuildOptions options = new() { ComputeCapabilities = builder.Library.Flavour == Flavour.TensorRTRtx ? [ComputeCapability.SM86] : [] };
        using BuiltEngine built = builder.Build(Define, options);
        if (!runs)
        {
            return;
        }

        using ICudaEngine engine = built.Load();
        using IExecutionContext context = engine.CreateExecutionContext();
        float[] x = GC.AllocateUninitializedArray<float>(16, pinned: true);
        float[] y = GC.AllocateUninitializedArray<float>(16, pinned: true);
        x.AsSpan().Fill(round);
        context.SetTensorAddress("x", Marshal.UnsafeAddrOfPinnedArrayElement(x, 0));
        context.SetTensorAddress("y", Marshal.UnsafeAddrOfPinnedArrayElement(y, 0));
        context.EnqueueV3(0);
        GC.KeepAlive(x);
        if (y[15] != (2f * round) + 1)
        {
            throw new InvalidOperationException($"Round {round} gave {y[15]}.");
        }
    }

    private static void Define(INetworkDefinition network)
    {
        ITensor x = network.AddInput("x", DataType.Float, [1, 16]);
        ITensor two = network.AddConstant([1, 1], Weights.From(new[] { 2f })).GetOutput(0);
        ITensor one = network.AddConstant([1, 1], Weights.From(new[] { 1f })).GetOutput(0);
        ITensor product = network.AddElementWise(x, two, ElementWiseOperation.Prod).GetOutput(0);
        ITensor y = network.AddActivation(network.AddElementWise(product, one, ElementWiseOperation.Sum).GetOutput(0), ActivationType.Relu).GetOutput(0);
        y.Name = "y";
        network.MarkOutput(y);
    }

    private static long Resident()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using Process self = Process.GetCurrentProcess();
        return self.WorkingSet64;
    }
}
