using Trt.Cpu;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Interop.Loading;
using Trt.Interop.NvOnnxParser;
using Trt.Tests.Goldens;

namespace Trt.Utils.Tests.Inference;

/// <summary>Engines of the CPU runtime for tests of runs and refits, reached directly or through stub → vtable → proxy in the layout of a release.</summary>
internal sealed class RunnerRig : IDisposable
{
    private readonly List<IDisposable> owned = [];

    /// <param name="release">Such as <c>10.16</c>; null for the CPU runtime itself, or what a program runs the tests against.</param>
    public RunnerRig(string? release = null)
    {
        Library = release is null ? TestTarget.Library ?? new ManagedLibrary(CpuRuntime.Provider) : new LoopBackLibrary(CpuRuntime.Provider, release.TrimStart('r'), release.StartsWith('r'));
        Builder = Own(Library.CreateInferBuilder(Log));
        Runtime = Own(Library.CreateInferRuntime(Log));
    }

    public CollectingLogger Log { get; } = new();

    public TensorRtLibrary Library { get; }

    public IBuilder Builder { get; }

    public IRuntime Runtime { get; }

    public T Own<T>(T item)
        where T : IDisposable
    {
        owned.Add(item);
        return item;
    }

    public INetworkDefinition Network() => Own(Builder.CreateNetworkV2(TestTarget.NetworkFlags(Library)));

    /// <summary>A runner of an engine on the device of the tests.</summary>
    public InferenceRunner Runner(ICudaEngine engine, RunnerOptions? options = null) => Own(new InferenceRunner(engine, (options ?? new RunnerOptions()) with { Device = TestDevice.Current }));

    public ICudaEngine Load(byte[] plan) => Own(Runtime.DeserializeCudaEngine(plan));

    public byte[] Plan(INetworkDefinition network, string? input = null, params ReadOnlySpan<(long[] Min, long[] Opt, long[] Max)> profiles)
    {
        using IBuilderConfig config = Builder.CreateBuilderConfig();
        foreach ((long[] min, long[] opt, long[] max) in profiles)
        {
            IOptimizationProfile profile = Builder.CreateOptimizationProfile();
            profile.SetDimensions(input!, OptProfileSelector.Min, new Dims(min));
            profile.SetDimensions(input!, OptProfileSelector.Opt, new Dims(opt));
            profile.SetDimensions(input!, OptProfileSelector.Max, new Dims(max));
            config.AddOptimizationProfile(profile);
        }

        return Plan(network, config);
    }

    public byte[] Plan(INetworkDefinition network, IBuilderConfig config)
    {
        if (!TestTarget.IsCpu)
        {
            // The goldens have all bits of a float.
            config.ClearFlag(BuilderFlag.TF32);
        }

        using IHostMemory plan = Builder.BuildSerializedNetwork(network, config);
        return plan.AsSpan().ToArray();
    }

    /// <summary>LeNet out of its ONNX file, with a profile for each range of batches.</summary>
    public byte[] LeNet(params ReadOnlySpan<(int Min, int Opt, int Max)> batches)
    {
        INetworkDefinition network = Network();
        using IParser parser = Library.CreateParser(network, Log);
        parser.ParseFromFile(ModelFiles.Find("lenet.onnx"), (int)Severity.Warning);
        (long[], long[], long[])[] profiles = new (long[], long[], long[])[batches.Length];
        for (int i = 0; i < batches.Length; i++)
        {
            profiles[i] = ([batches[i].Min, 1, 28, 28], [batches[i].Opt, 1, 28, 28], [batches[i].Max, 1, 28, 28]);
        }

        return Plan(network, "data", profiles);
    }

    /// <summary>y = relu(x) of shape [-1, 3].</summary>
    public ICudaEngine Relu(long min = 1, long max = 4)
    {
        INetworkDefinition network = Network();
        ITensor y = network.AddActivation(network.AddInput("x", DataType.Float, [-1, 3]), ActivationType.Relu).GetOutput(0);
        y.Name = "y";
        network.MarkOutput(y);
        return Load(Plan(network, "x", ([min, 3], [min, 3], [max, 3])));
    }

    /// <summary>"where": the positions in "x" [-1, 3] of what is not 0; "sum": of all elements.</summary>
    public ICudaEngine Positions()
    {
        INetworkDefinition network = Network();
        ITensor x = network.AddInput("x", DataType.Float, [-1, 3]);
        ITensor where = network.AddNonZero(x).GetOutput(0);
        where.Name = "where";
        network.MarkOutput(where);
        ITensor sum = network.AddReduce(x, ReduceOperation.Sum, 3, false).GetOutput(0);
        sum.Name = "sum";
        network.MarkOutput(sum);
        return Load(Plan(network, "x", ([1, 3], [2, 3], [400, 3])));
    }

    public void Dispose()
    {
        for (int i = owned.Count - 1; i >= 0; i--)
        {
            owned[i].Dispose();
        }
    }

    /// <summary>The first digits of the golden, as LeNet takes them.</summary>
    public static float[] Digits(int count)
    {
        using NpzFile file = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        return file["data"].ToFloat32()[..(count * 784)];
    }

    /// <summary>PyTorch's output for the first digits.</summary>
    public static float[] Probabilities(int count)
    {
        using NpzFile file = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        return file["prob"].ToFloat32()[..(count * 10)];
    }

    /// <summary>TensorRT's output out of a golden file.</summary>
    public static float[] Golden(string file, string name)
    {
        using NpzFile golden = NpzFile.Open(GoldenFiles.Path(file));
        return golden[name].ToFloat32();
    }
}
