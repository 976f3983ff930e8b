using System.Collections.Concurrent;
using Trt.Cpu;
using Trt.Interop;
using Trt.Utils;

namespace Trt.Lite.Tests;

/// <summary>Engines small enough to be computed in the head.</summary>
internal static class Rig
{
    private static readonly ConcurrentDictionary<string, byte[]> Plans = new();

    private static readonly Lazy<TensorRtLibrary> Cpu = new(Load);

    /// <summary>The CPU runtime, unless a program runs the tests against another library.</summary>
    public static TensorRtLibrary Library => TestTarget.Library ?? Cpu.Value;

    /// <summary>y = x + x.</summary>
    public static Engine Doubles(Dims shape, Action<EngineOptions>? configure = null, DataType type = DataType.Float, long min = 1, long max = 4) => Open($"double {shape} {type} {min} {max}", configure, network =>
    {
        ITensor x = network.AddInput("x", type, shape);
        Mark(network, network.AddElementWise(x, x, ElementWiseOperation.Sum).GetOutput(0), "y");
    }, min, max);

    /// <summary>y = x, of any type.</summary>
    public static Engine Same(Dims shape, DataType type, Action<EngineOptions>? configure = null, long max = 4) => Open($"same {shape} {type} {max}", configure, network =>
    {
        ITensor y = network.AddIdentity(network.AddInput("x", type, shape)).GetOutput(0);
        if (Library.Supports("ITensor.setType"))
        {
            // Later releases have strongly typed networks only, in which it follows from x.
            y.Type = type;
        }

        Mark(network, y, "y");
    }, 1, max);

    /// <summary>"sum" = a + b of [N, 3], "longer" = a and b one after the other, [N, 6].</summary>
    public static Engine TwoInputs(Action<EngineOptions>? configure = null) => Open("two", configure, network =>
    {
        ITensor a = network.AddInput("a", DataType.Float, [-1, 3]);
        ITensor b = network.AddInput("b", DataType.Float, [-1, 3]);
        Mark(network, network.AddElementWise(a, b, ElementWiseOperation.Sum).GetOutput(0), "sum");
        IConcatenationLayer longer = network.AddConcatenation([a, b]);
        longer.Axis = 1;
        Mark(network, longer.GetOutput(0), "longer");
    }, 1, 4);

    /// <summary>"total" of [N, 3]: the sum over everything, the batch too, so that samples of one run cannot be told apart.</summary>
    public static Engine Total(Action<EngineOptions>? configure = null) => Open("total", configure, network =>
    {
        ITensor x = network.AddInput("x", DataType.Float, [-1, 3]);
        Mark(network, network.AddReduce(x, ReduceOperation.Sum, 3, false).GetOutput(0), "total");
    }, 1, 4);

    /// <summary>LeNet out of its ONNX file.</summary>
    public static Engine LeNet(Action<EngineOptions>? configure = null, long max = 16) => Own(Plans.GetOrAdd($"lenet {max}", _ => Build(ModelFiles.Find("lenet.onnx"), 1, max)), new EngineOptions(), configure);

    /// <summary>The 200 digits of the golden as LeNet takes them.</summary>
    public static float[] Digits()
    {
        using NpzFile file = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        return file["data"].ToFloat32();
    }

    /// <summary>PyTorch's output for the digits, [200, 10].</summary>
    public static float[] Probabilities()
    {
        using NpzFile file = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        return file["prob"].ToFloat32();
    }

    /// <summary>The digits' files in the golden's order.</summary>
    public static string[] DigitFiles() => [.. Directory.GetFiles(Checkout.Path("models", "digits"), "*.pgm").Order(StringComparer.Ordinal)];

    /// <summary>An engine of one's own network, with an axis 0 from min to max where it is open.</summary>
    public static Engine Open(string key, Action<EngineOptions>? configure, Action<INetworkDefinition> define, long min, long max) =>
        Own(Plans.GetOrAdd(key, _ => Build(ModelSource.FromNetwork(define), min, max)), new EngineOptions { WarmUp = 0 }, configure);

    public static void Mark(INetworkDefinition network, ITensor tensor, string name)
    {
        tensor.Name = name;
        network.MarkOutput(tensor);
    }

    /// <summary>An engine that disposes what it runs.</summary>
    private static Engine Own(byte[] plan, EngineOptions options, Action<EngineOptions>? configure)
    {
        configure?.Invoke(options);
        using IRuntime runtime = Library.CreateInferRuntime(new ConsoleLogger(Severity.Warning));
        return new Engine(runtime.DeserializeCudaEngine(plan), options);
    }

    private static byte[] Build(ModelSource source, long min, long max)
    {
        using BuiltEngine built = new EngineBuilder(Library).Build(source, new BuildOptions { DynamicExtents = new ExtentRange(min, max, max), ReadBack = false, TF32 = TestTarget.IsCpu ? null : false });
        return built.Plan.AsSpan().ToArray();
    }

    private static TensorRtLibrary Load()
    {
        CpuRuntime.Register();
        return TensorRt.Load(new TensorRtOptions { Flavour = Flavour.Cpu });
    }
}
