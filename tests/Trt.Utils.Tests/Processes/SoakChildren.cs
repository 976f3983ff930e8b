using System.Diagnostics;
using System.Globalization;
using Trt.Cpu;
using Trt.Interop;
using Trt.Interop.Loading;
using Trt.Utils.Tests.Engines;

namespace Trt.Utils.Tests.Processes;

/// <summary>A child that builds, runs and disposes a small engine over and over, on the CPU runtime directly and through vtables in turn.</summary>
internal static class SoakChildren
{
    private const int Step = 50;

    /// <summary>Tells the resident bytes after some rounds to warm up, and after all of them.</summary>
    public static int Run(string warmUp, string rounds)
    {
        DelegateLogger logger = new((_, _) => { });
        EngineBuilder[] builders = [new(EngineTestModels.Library(), logger), new(new LoopBackLibrary(CpuRuntime.Provider, "10.16"), logger)];
        int first = int.Parse(warmUp, CultureInfo.InvariantCulture), last = int.Parse(rounds, CultureInfo.InvariantCulture);
        for (int round = 1; round <= last; round++)
        {
            using (BuiltEngine built = builders[round % 2].Build(EngineTestModels.DefineStatic))
            using (ICudaEngine engine = built.Load())
            {
                float y = EngineRun.Run(engine, "x", [3, 4], [.. Enumerable.Repeat((float)round, 12)], "y")[11];
                if (y != (2 * round) + 1)
                {
                    throw new InvalidOperationException($"Round {round} gave {y}.");
                }
            }

            if (round == first || round == last)
            {
                ChildProgram.Tell($"resident {Resident()}");
            }
            else if (round % Step == 0)
            {
                ChildProgram.Tell($"round {round}");
            }
        }

        return 0;
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
