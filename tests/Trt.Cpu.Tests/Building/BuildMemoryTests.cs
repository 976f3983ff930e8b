using System.Globalization;
using Trt.Interop;
using Xunit;
using Xunit.Abstractions;

namespace Trt.Cpu.Tests.Building;

/// <summary>What a build of 100 MB of weights holds at most beside them: one plan, or, written to a stream, next to nothing.</summary>
[Collection(AloneCollection.Name)]
public sealed class BuildMemoryTests(ITestOutputHelper output)
{
    private const int Layers = 4;
    private const int Side = 2560;
    private const long WeightBytes = (long)Layers * Side * Side * 4;

    [SkippableTheory]
    [InlineData(false, 1.3)]
    [InlineData(true, 0.3)]
    public void WeightsAreCopiedOnceAtMost(bool toStream, double limit)
    {
        Skip.IfNot(File.Exists("/proc/self/clear_refs"), "The greatest use of memory can only be read and reset on Linux.");
        using TestEngine test = new();
        using IBuilderConfig config = test.Builder.CreateBuilderConfig();

        // The first build loads ONNX Runtime.
        test.DynamicRelu();
        INetworkDefinition network = test.Network();
        ITensor x = network.AddInput("x", DataType.Float, [1, Side]);
        for (int i = 0; i < Layers; i++)
        {
            float[] values = new float[Side * Side];
            Array.Fill(values, i);
            ITensor w = network.AddConstant([Side, Side], Weights.From(values)).GetOutput(0);
            x = network.AddMatrixMultiply(x, MatrixOperation.None, w, MatrixOperation.None).GetOutput(0);
        }

        network.MarkOutput(x);
        GC.Collect();
        File.WriteAllText("/proc/self/clear_refs", "5");
        long before = Status("VmHWM");
        if (toStream)
        {
            Counter counter = new();
            test.Builder.BuildSerializedNetworkToStream(network, config, counter);
            Assert.True(counter.Bytes > WeightBytes);
        }
        else
        {
            using IHostMemory plan = test.Builder.BuildSerializedNetwork(network, config);
            Assert.True((long)plan.Size > WeightBytes);
        }

        double used = (double)(Status("VmHWM") - before) / WeightBytes;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{WeightBytes} bytes of weights: the build held {used:F3} times as much beside them."));
        Assert.True(used <= limit, string.Create(CultureInfo.InvariantCulture, $"the build held {used:F3} times the weights"));
        GC.KeepAlive(network);
    }

    private static long Status(string field)
    {
        string line = File.ReadLines("/proc/self/status").First(text => text.StartsWith(field, StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    private sealed class Counter : IStreamWriter
    {
        public long Bytes { get; private set; }

        public long Write(ReadOnlySpan<byte> data)
        {
            Bytes += data.Length;
            return data.Length;
        }
    }
}
