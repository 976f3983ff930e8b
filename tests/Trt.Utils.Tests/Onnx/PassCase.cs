using Trt.Cpu;
using Trt.Interop;
using Xunit;

namespace Trt.Utils.Tests.Onnx;

/// <summary>A small model, a pass, and what nodes there should be afterwards; outputs are compared by ONNX Runtime.</summary>
/// <param name="Name">What is special about it.</param>
/// <param name="Pass">The pass.</param>
/// <param name="Model">The model.</param>
/// <param name="After">Operators afterwards, such as <c>Conv 1, Relu 2</c>.</param>
internal sealed record PassCase(string Name, string Pass, OnnxBuilder Model, string After)
{
    public int Opset { get; init; } = 17;

    public int IrVersion { get; init; } = 8;

    public int? Initializers { get; init; }

    /// <summary>False for what ONNX Runtime does not take or computes wrongly; then only the nodes are compared.</summary>
    public bool Runs { get; init; } = true;

    public static TheoryData<string> Names(IEnumerable<PassCase> cases) => [.. cases.Select(item => $"{item.Pass}: {item.Name}")];

    public static void Run(IEnumerable<PassCase> cases, string name)
    {
        CpuRuntime.Register();
        PassCase test = cases.Single(item => $"{item.Pass}: {item.Name}" == name);
        byte[] bytes = test.Model.Bytes(test.Opset, test.IrVersion);
        using OnnxModel model = OnnxModel.Load(bytes);
        string[] outputs = [.. model.Outputs.Select(output => output.Name)];
        IReadOnlyDictionary<string, OnnxTensor> before = test.Runs ? Outputs(bytes) : new Dictionary<string, OnnxTensor>();
        OnnxOptimizeReport report = model.Optimize([test.Pass], new OnnxOptimizeOptions { Check = test.Runs ? new OnnxCheckOptions { DefaultShape = [2, 2, 2, 2] } : null });
        Assert.Equal(test.After, Text(report.After));
        Assert.Equal(outputs, model.Outputs.Select(output => output.Name));
        Assert.Equal(report.Changes.Count > 0 && test.Runs ? 3 : 0, report.ComparedRuns);
        if (test.Initializers is { } count)
        {
            Assert.Equal(count, model.Initializers.Count);
        }

        IReadOnlyDictionary<string, OnnxTensor> after = test.Runs ? Outputs(model.ToArray()) : before;
        foreach ((string output, OnnxTensor wanted) in before)
        {
            AssertClose(wanted, after[output]);
        }

        // What a pass has done it does not do again.
        Assert.Empty(model.Optimize([test.Pass]).Changes);
    }

    public static string Text(IEnumerable<KeyValuePair<string, int>> counts) => string.Join(", ", counts.Select(pair => $"{pair.Key} {pair.Value}"));

    /// <summary>Outputs for inputs that are the same each time.</summary>
    public static IReadOnlyDictionary<string, OnnxTensor> Outputs(byte[] model)
    {
        using IOnnxSession session = TensorRt.OpenOnnx(model, new OnnxSessionOptions { OptimizationLevel = OnnxOptimizationLevel.None });
        Dictionary<string, OnnxTensor> inputs = [];
        foreach (OnnxValueInfo input in session.Inputs)
        {
            long[] dims = [.. input.Dims.Select(dim => dim < 0 ? 2 : dim)];
            int count = (int)dims.Aggregate(1L, (product, dim) => product * dim);
            inputs.Add(input.Name, input.ElementType switch
            {
                OnnxElementType.Float => OnnxTensor.FromBytes(OnnxElementType.Float, dims, System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(OnnxBuilder.Numbers(count, 7)).ToArray()),
                OnnxElementType.Bool => OnnxTensor.FromBytes(OnnxElementType.Bool, dims, Enumerable.Range(0, count).Select(i => (byte)(i % 2)).ToArray()),
                OnnxElementType.Int64 => OnnxTensor.FromBytes(OnnxElementType.Int64, dims, Enumerable.Range(0, count).SelectMany(i => BitConverter.GetBytes(i % 3L)).ToArray()),
                _ => throw new NotSupportedException($"{input}"),
            });
        }

        return session.Run(inputs);
    }

    private static void AssertClose(OnnxTensor wanted, OnnxTensor actual)
    {
        Assert.Equal(wanted.ElementType, actual.ElementType);
        Assert.Equal<long>(wanted.Dims, actual.Dims);
        if (wanted.ElementType == OnnxElementType.Float)
        {
            Assert.All(wanted.ToArray<float>().Zip(actual.ToArray<float>()), pair => Assert.True(Math.Abs(pair.First - pair.Second) <= 1e-5 * Math.Max(1, Math.Abs(pair.First)), $"{pair.Second} is not {pair.First}"));
        }
        else
        {
            Assert.Equal(wanted.AsBytes().ToArray(), actual.AsBytes().ToArray());
        }
    }
}
