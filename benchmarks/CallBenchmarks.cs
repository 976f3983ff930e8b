using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Trt.Interop;

namespace Trt.Benchmarks;

/// <summary>One call through a proxy against the same call as a C++ compiler makes it.</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public unsafe class CallBenchmarks
{
    private const int Calls = 10_000;

    private INetworkDefinition network = null!;
    private IConvolutionLayer convolution = null!;
    private IExecutionContext context = null!;

    [GlobalSetup]
    public void SetUp()
    {
        // Never disposed: the counterpart's objects are static.
        TensorRtLibrary library = TensorRt.Load(NativeCounterparts.Path);
        DelegateLogger logger = new((_, _) => { });
        network = library.CreateInferBuilder(logger).CreateNetworkV2([]);
        ITensor input = network.AddInput("x", DataType.Float, [1, 1, 8, 8]);
        convolution = network.AddConvolutionNd(input, 1, [3, 3], default, default);
        context = library.CreateInferRuntime(logger).DeserializeCudaEngine(new byte[64]).CreateExecutionContext();
    }

    [BenchmarkCategory("trivial getter")]
    [Benchmark(Baseline = true, Description = "C++", OperationsPerInvoke = Calls)]
    public long NbLayersInCpp() => NativeCounterparts.NbLayers(Calls);

    [BenchmarkCategory("trivial getter")]
    [Benchmark(Description = "C#", OperationsPerInvoke = Calls)]
    public long NbLayers()
    {
        long sum = 0;
        for (int i = 0; i < Calls; i++)
        {
            sum += network.NbLayers;
        }

        return sum;
    }

    [BenchmarkCategory("Dims result")]
    [Benchmark(Baseline = true, Description = "C++", OperationsPerInvoke = Calls)]
    public long StrideNdInCpp() => NativeCounterparts.StrideNd(Calls);

    [BenchmarkCategory("Dims result")]
    [Benchmark(Description = "C#", OperationsPerInvoke = Calls)]
    public long StrideNd()
    {
        long sum = 0;
        for (int i = 0; i < Calls; i++)
        {
            sum += convolution.StrideNd[1];
        }

        return sum;
    }

    [BenchmarkCategory("SetTensorAddress")]
    [Benchmark(Baseline = true, Description = "C++", OperationsPerInvoke = Calls)]
    public long SetTensorAddressInCpp() => NativeCounterparts.SetTensorAddress(Calls);

    [BenchmarkCategory("SetTensorAddress")]
    [Benchmark(Description = "C#, UTF-8 name", OperationsPerInvoke = Calls)]
    public void SetTensorAddressUtf8()
    {
        for (int i = 0; i < Calls; i++)
        {
            context.SetTensorAddress("data"u8, i);
        }
    }

    [BenchmarkCategory("SetTensorAddress")]
    [Benchmark(Description = "C#, string name", OperationsPerInvoke = Calls)]
    public void SetTensorAddressString()
    {
        for (int i = 0; i < Calls; i++)
        {
            context.SetTensorAddress("data", i);
        }
    }
}
