using System.Globalization;
using Google.Protobuf;
using Trt.Cpu;
using Trt.Interop;
using Trt.Onnx;
using Xunit;
using Xunit.Abstractions;

namespace Trt.Utils.Tests.Onnx;

/// <summary>
/// ONNX's own models of single operators and small graphs, with the outputs that are right: all passes and Simplify leave them right, also with some or all inputs as constants.
/// ONNX_NODE_TEST_SHARE is which part of the models is run: 1 for all, 16 (the default) for every sixteenth.
/// </summary>
public class NodeModelTests
{
    private const string Variable = "ONNX_NODE_TESTS";
    private readonly ITestOutputHelper output;

    public NodeModelTests(ITestOutputHelper output)
    {
        this.output = output;
        CpuRuntime.Register();
    }

    [SkippableFact]
    public void OutputsStayRight()
    {
        string? folder = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named : Directory.Exists("/usr/share/libonnx-testdata") ? "/usr/share/libonnx-testdata" : null;
        string? first = folder is null ? null : Directory.EnumerateFiles(folder, "model.onnx", SearchOption.AllDirectories).FirstOrDefault();
        Skip.If(first is null, $"ONNX's node tests are not here: set {Variable} to the folder that holds test_abs and the others, or install libonnx-testdata.");
        int share = int.TryParse(Environment.GetEnvironmentVariable("ONNX_NODE_TEST_SHARE"), out int given) ? given : 16;
        string[] tests = [.. Directory.EnumerateDirectories(Path.GetDirectoryName(Path.GetDirectoryName(first))!).Where(test => File.Exists(Path.Combine(test, "model.onnx"))).Order(StringComparer.Ordinal).Where((_, i) => i % share == 0)];
        List<string> failures = [];
        int compared = 0, models = 0, removed = 0;
        foreach (string test in tests)
        {
            Run run = new(test);
            compared += run.Compared;
            models += run.Compared > 0 ? 1 : 0;
            removed += run.Removed;
            failures.AddRange(run.Failures);
        }

        output.WriteLine($"{models} of {tests.Length} models run in ONNX Runtime and give ONNX's results there; {compared} optimised and simplified forms of them compared, {removed} nodes fewer.");
        failures.ForEach(output.WriteLine);
        Assert.True(compared > tests.Length, "Hardly any of the models could be run.");
        Assert.True(failures.Count == 0, $"{failures.Count} fail:{Environment.NewLine}{string.Join(Environment.NewLine, failures.Take(40))}");
    }

    /// <summary>One model in three forms: with its inputs, with constants in the place of all but the first, and with constants only.</summary>
    private sealed class Run
    {
        private readonly string name;
        private readonly (double Relative, double Absolute) tolerance;

        public Run(string test)
        {
            name = Path.GetFileName(test);
            tolerance = Tolerance(test);
            byte[] bytes = File.ReadAllBytes(Path.Combine(test, "model.onnx"));
            try
            {
                using IOnnxSession session = TensorRt.OpenOnnx(bytes, new OnnxSessionOptions { OptimizationLevel = OnnxOptimizationLevel.None });
                if (session.Inputs.Concat(session.Outputs).Any(value => value.Kind != OnnxValueKind.Tensor))
                {
                    return;
                }

                OnnxTensor[] inputs = Tensors(test, "input", session.Inputs.Count), outputs = Tensors(test, "output", session.Outputs.Count);
                Dictionary<string, OnnxTensor> named = session.Inputs.Zip(inputs).ToDictionary(pair => pair.First.Name, pair => pair.Second);
                Dictionary<string, OnnxTensor> right = session.Outputs.Zip(outputs).ToDictionary(pair => pair.First.Name, pair => pair.Second);
                if (Difference(session.Run(named), right) is not null)
                {
                    return; // drawn by lot, or ONNX Runtime computes it otherwise
                }

                foreach (int kept in new[] { inputs.Length, Math.Min(1, inputs.Length), 0 }.Distinct())
                {
                    Try(bytes, named, right, kept);
                }
            }
            catch (Exception error) when (error is OnnxRuntimeException or FormatException or InvalidDataException)
            {
                // ONNX Runtime does not have it, or its data is no tensor.
            }
        }

        public List<string> Failures { get; } = [];

        public int Compared { get; private set; }

        public int Removed { get; private set; }

        private void Try(byte[] bytes, Dictionary<string, OnnxTensor> inputs, Dictionary<string, OnnxTensor> right, int kept)
        {
            ModelProto proto = ModelProto.Parser.ParseFrom(bytes);
            string[] constants = [.. inputs.Keys.Skip(kept)];
            proto.Graph.Initializer.Add(constants.Select(input => Written(input, inputs[input])));
            ValueInfoProto[] left = [.. proto.Graph.Input.Where(input => !constants.Contains(input.Name))];
            proto.IrVersion = Math.Max(4, proto.IrVersion);
            proto.Graph.Input.Clear();
            proto.Graph.Input.Add(left);
            Dictionary<string, OnnxTensor> rest = inputs.Where(input => !constants.Contains(input.Key)).ToDictionary();
            byte[] before = proto.ToByteArray();
            if (constants.Length > 0 && Attempt(before, rest, right) is not null)
            {
                return; // ONNX Runtime wants an input to be none
            }

            foreach (string how in (string[])["Optimize", "Simplify"])
            {
                try
                {
                    using OnnxModel model = OnnxModel.Load(before);
                    OnnxOptimizeReport report = how == "Optimize" ? model.Optimize(OnnxPasses.All, new OnnxOptimizeOptions { FixedPoint = true }) : model.Simplify(new OnnxSimplifyOptions { Check = null });
                    Removed += report.Before.Total - report.After.Total;
                    if (Attempt(model.ToArray(), rest, right) is { } difference)
                    {
                        Failures.Add($"{name} with {kept} inputs, {how} ({string.Join(", ", report.Changes.Keys)}; {report.Folded} folded): {difference}");
                    }
                }
                catch (Exception error)
                {
                    Failures.Add($"{name} with {kept} inputs, {how}: {error.GetType().Name} {error.Message}");
                }

                Compared++;
            }
        }

        private string? Attempt(byte[] model, Dictionary<string, OnnxTensor> inputs, Dictionary<string, OnnxTensor> right)
        {
            try
            {
                using IOnnxSession session = TensorRt.OpenOnnx(model, new OnnxSessionOptions { OptimizationLevel = OnnxOptimizationLevel.None });
                Dictionary<string, OnnxTensor> taken = inputs.Where(input => session.Inputs.Any(info => info.Name == input.Key)).ToDictionary();
                return taken.Count < inputs.Count ? "an input is gone" : Difference(session.Run(taken), right);
            }
            catch (OnnxRuntimeException error)
            {
                return error.Message.ReplaceLineEndings(" ");
            }
        }

        private string? Difference(IReadOnlyDictionary<string, OnnxTensor> actual, Dictionary<string, OnnxTensor> right)
        {
            foreach ((string output, OnnxTensor wanted) in right)
            {
                OnnxTensor value = actual[output];
                if (value.ElementType != wanted.ElementType || !value.Dims.SequenceEqual(wanted.Dims))
                {
                    return $"{output} is {value}, not {wanted}";
                }

                if (wanted.ElementType == OnnxElementType.String)
                {
                    if (!value.Strings.SequenceEqual(wanted.Strings))
                    {
                        return $"{output} has other texts";
                    }

                    continue;
                }

                double[]? numbers = Numbers(wanted), results = Numbers(value);
                if (numbers is null || results is null)
                {
                    if (!value.AsBytes().SequenceEqual(wanted.AsBytes()))
                    {
                        return $"{output} has other bits";
                    }

                    continue;
                }

                int at = Enumerable.Range(0, numbers.Length).FirstOrDefault(i => !(numbers[i].Equals(results[i]) || Math.Abs(numbers[i] - results[i]) <= tolerance.Absolute + (tolerance.Relative * Math.Abs(numbers[i]))), -1);
                if (at >= 0)
                {
                    return $"{output}[{at}] is {results[at]}, not {numbers[at]}";
                }
            }

            return null;
        }

        private static double[]? Numbers(OnnxTensor tensor) => tensor.ElementType switch
        {
            OnnxElementType.Float => [.. tensor.ToArray<float>().Select(value => (double)value)],
            OnnxElementType.Double => tensor.ToArray<double>(),
            OnnxElementType.Half => [.. tensor.ToArray<Half>().Select(value => (double)value)],
            OnnxElementType.BFloat16 => [.. tensor.ToArray<ushort>().Select(bits => (double)BitConverter.UInt32BitsToSingle((uint)bits << 16))],
            OnnxElementType.Int64 => [.. tensor.ToArray<long>().Select(value => (double)value)],
            OnnxElementType.Int32 => [.. tensor.ToArray<int>().Select(value => (double)value)],
            _ => null,
        };

        private static (double Relative, double Absolute) Tolerance(string test)
        {
            string path = Path.Combine(test, "tolerance.txt");
            string[] numbers = File.Exists(path) ? File.ReadAllText(path).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) : ["1e-3", "1e-7"];
            return (double.Parse(numbers[0], CultureInfo.InvariantCulture), double.Parse(numbers[1], CultureInfo.InvariantCulture));
        }

        private static OnnxTensor[] Tensors(string test, string kind, int count)
        {
            OnnxTensor[] tensors = new OnnxTensor[count];
            for (int i = 0; i < count; i++)
            {
                string path = Path.Combine(test, "test_data_set_0", $"{kind}_{i}.pb");
                if (!File.Exists(path))
                {
                    throw new InvalidDataException(path);
                }

                // The reader of the model's constants is checked by its own tests; here it only unpacks what ONNX wrote.
                ModelProto holder = new() { Graph = new GraphProto(), IrVersion = 8 };
                TensorProto tensor = TensorProto.Parser.ParseFrom(File.ReadAllBytes(path));
                tensor.Name = "t";
                holder.Graph.Initializer.Add(tensor);
                using OnnxModel model = OnnxModel.Load(holder.ToByteArray());
                tensors[i] = model.GetInitializer("t");
            }

            return tensors;
        }

        private static TensorProto Written(string name, OnnxTensor tensor)
        {
            TensorProto proto = new() { Name = name, DataType = (int)tensor.ElementType };
            proto.Dims.Add(tensor.Dims);
            if (tensor.ElementType == OnnxElementType.String)
            {
                proto.StringData.Add(tensor.Strings.Select(ByteString.CopyFromUtf8));
            }
            else
            {
                proto.RawData = ByteString.CopyFrom(tensor.AsBytes());
            }

            return proto;
        }
    }
}
