using System.Text.RegularExpressions;
using Trt.Interop;
using Trt.Interop.NvOnnxParser;
using Trt.Onnx;

namespace Trt.Cpu.Tests.Parsing;

/// <summary>One of ONNX's node tests through the CPU runtime: parser, plan, engine, context.</summary>
internal sealed partial class OnnxNodeRun(string name)
{
    /// <summary>The parser's first error, where it refused the model.</summary>
    public IParserError? Refused { get; private set; }

    /// <summary>Number and kind of the builder's error, where it refused the network.</summary>
    public string? BuildRefusal { get; private set; }

    /// <summary>How far it came and what differs; null when the results are ONNX's.</summary>
    public string? Failure { get; private set; }

    /// <summary>Whether the model draws random numbers, of which only number and shape can be right.</summary>
    private bool IsRandom => Has(op => op.StartsWith("Random", StringComparison.Ordinal) || op == "Bernoulli");

    private bool Has(Func<string, bool> op) => ModelProto.Parser.ParseFrom(File.ReadAllBytes(OnnxTestSuite.Model(name))).Graph.Node.Any(node => op(node.OpType));

    public OnnxNodeRun Run()
    {
        try
        {
            Failure = Attempt();
        }
        catch (Exception error)
        {
            Failure = $"{error.GetType().Name}: {error.Message}";
        }

        return this;
    }

    private string? Attempt()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network(NetworkDefinitionCreationFlag.StronglyTyped);
        using IParser parser = TestLibrary.Current.CreateParser(network, test.Log);
        try
        {
            parser.ParseFromFile(OnnxTestSuite.Model(name), (int)Severity.Warning);
        }
        catch (TensorRtException)
        {
            Refused = parser.NbErrors > 0 ? parser.GetError(0) : null;
            return $"refused: {Refused?.Code} {Refused?.Func}: {Refused?.Desc}";
        }

        OnnxArray[] inputs = [.. OnnxTestSuite.Tensors(name, "input").Select(OnnxArray.Of)];
        TensorProto[] outputs = OnnxTestSuite.Tensors(name, "output");
        if (inputs.Length != network.NbInputs || outputs.Length != network.NbOutputs)
        {
            return $"the network has {network.NbInputs} inputs and {network.NbOutputs} outputs, the test {inputs.Length} and {outputs.Length}";
        }

        byte[] plan;
        try
        {
            plan = test.Plan(network, config => config.AddOptimizationProfile(Profile(test.Builder, network, inputs)));
        }
        catch (TensorRtException refused)
        {
            BuildRefusal = Kind(refused.Message);
            return refused.Message;
        }

        ICudaEngine engine = test.Load(plan);
        using IExecutionContext context = engine.CreateExecutionContext();
        using PinnedBuffers buffers = new();
        for (int i = 0; i < inputs.Length; i++)
        {
            ITensor input = network.GetInput(i);
            context.SetInputShape(input.Name, Dims.Create(inputs[i].Dims));
            context.SetTensorAddress(input.Name, buffers.Add(inputs[i].ToBytes(input.Type)));
        }

        GrowingHostOutput[] results = [.. outputs.Select(_ => new GrowingHostOutput())];
        try
        {
            for (int i = 0; i < results.Length; i++)
            {
                context.SetOutputAllocator(network.GetOutput(i).Name, results[i]);
            }

            context.EnqueueV3(0);
            TestDevice.Synchronize();
            return Enumerable.Range(0, results.Length).Select(i => Difference(network.GetOutput(i), results[i], outputs[i])).FirstOrDefault(difference => difference is not null);
        }
        finally
        {
            Array.ForEach(results, result => result.Dispose());
        }
    }

    /// <summary>Number and kind of the first error in a text, such as <c>Error Code 4: API Usage Error</c>.</summary>
    public static string Kind(string text) => ErrorKind().Match(text).Value;

    [GeneratedRegex(@"Error Code \d+: [A-Z][A-Za-z ]+(?= \()")]
    private static partial Regex ErrorKind();

    /// <summary>A profile with the very shapes and shape values of the test.</summary>
    private static IOptimizationProfile Profile(IBuilder builder, INetworkDefinition network, OnnxArray[] inputs)
    {
        IOptimizationProfile profile = builder.CreateOptimizationProfile();
        for (int i = 0; i < inputs.Length; i++)
        {
            ITensor input = network.GetInput(i);
            foreach (OptProfileSelector select in (OptProfileSelector[])[OptProfileSelector.Min, OptProfileSelector.Opt, OptProfileSelector.Max])
            {
                if (!input.Dimensions.IsStatic)
                {
                    profile.SetDimensions(input.Name, select, Dims.Create(inputs[i].Dims));
                }

                if (input.IsShapeTensor)
                {
                    profile.SetShapeValuesV2(input.Name, select, Array.ConvertAll(inputs[i].Values, value => (long)value));
                }
            }
        }

        return profile;
    }

    private string? Difference(ITensor output, GrowingHostOutput result, TensorProto wanted)
    {
        OnnxArray expected = OnnxArray.Of(wanted);
        if (!result.Shape.AsSpan().SequenceEqual(expected.Dims))
        {
            return $"{output.Name} has shape {result.Shape}, not [{string.Join(", ", expected.Dims)}]";
        }

        if (IsRandom)
        {
            return null;
        }

        double[] values = OnnxArray.FromBytes(result.Read(OnnxArray.Size(output.Type, expected.Values.Length)), output.Type, expected.Values.Length);
        double[] wantedValues = expected.Values;
        if (expected.Dims is [_, 3] && Has(op => op == "NonMaxSuppression"))
        {
            // Which boxes are selected is defined, not the order of the rows that say so.
            values = Rows(values);
            wantedValues = Rows(wantedValues);
        }

        (double relative, double absolute) = OnnxTestSuite.Tolerance(name);
        for (int i = 0; i < values.Length; i++)
        {
            double right = wantedValues[i];
            bool same = double.IsNaN(right) ? double.IsNaN(values[i]) : values[i] == right || Math.Abs(values[i] - right) <= absolute + (relative * Math.Abs(right));
            if (!same)
            {
                return $"{output.Name}[{i}] is {values[i]}, not {right}";
            }
        }

        return null;
    }

    /// <summary>Rows of three numbers, sorted.</summary>
    private static double[] Rows(double[] values) => [.. values.Chunk(3).OrderBy(row => row[0]).ThenBy(row => row[1]).ThenBy(row => row[2]).SelectMany(row => row)];
}
