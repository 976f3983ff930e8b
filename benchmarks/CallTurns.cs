using Trt.GpuTests;
using Trt.Interop;

namespace Trt.Benchmarks;

/// <summary>What tests/Trt.GpuTests measures on a GPU, over a library that answers at once: the calls' own cost.</summary>
internal static class CallTurns
{
    public static int Compare(string? file)
    {
        if (NativeLoops.Find(file, out string reason) is not { } loops)
        {
            Console.Error.WriteLine(reason);
            return 1;
        }

        TensorRtLibrary library = TensorRt.Load(NativeCounterparts.Path);
        ICudaEngine engine = library.CreateInferRuntime(new DelegateLogger((_, _) => { })).DeserializeCudaEngine(new byte[64]);
        CallSpeed speed = new(loops, library, engine, engine.CreateExecutionContext(), Print) { Warm = 400 };
        for (int i = 0; i < 2; i++)
        {
            speed.Small("data", [20, 1, 28, 28], 4096);
            speed.Runs(0, 1000, static () => { });
        }

        return 0;
    }

    private static void Print(string name, Turns turns, double limit) =>
        Console.WriteLine($"{name,-34} C++ {turns.Native,6:F1} ns, C# {turns.Managed,6:F1} ns, {turns.Managed - turns.Native,5:F1} ns more, {turns.Allocated} B");
}
