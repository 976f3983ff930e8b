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
/// ONNX_NODE_TEST_SHARE is which part of the models is run: 1 for all, 32 (the default) for every thirty-second.
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
        string[] tests = Tests();
        List<string> failures = [];
        int compared = 0, models = 0, removed = 0;
        foreach (string test in tests)
        {
            Run run = new(test);
            run.Simplified();
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

    [SkippableFact]
    public void OtherOperatorSetsComputeTheSame()
    {
        string[] tests = Tests();
        List<string> failures = [], refused = [];
        int compared = 0;
        foreach (string test in tests)
        {
            Run run = new(test);
            run.Converted();
            compared += run.Compared;
            failures.AddRange(run.Failures);
            refused.AddRange(run.Refused);
        }

        output.WriteLine($"{compared} forms of {tests.Length} models in other operator sets compared, {refused.Count} refused.");
        failures.ForEach(output.WriteLine);
        refused.ForEach(output.WriteLine);
        Assert.True(compared > tests.Length, "Hardly any of the models could be converted.");
        Assert.True(failures.Count == 0, $"{failures.Count} fail:{Environment.NewLine}{string.Join(Environment.NewLine, failures.Take(40))}");
    }

    private static string[] Tests()
    {
        string? folder = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named : Directory.Exists("/usr/share/libonnx-testdata") ? "/usr/share/libonnx-testdata" : null;
        string? first = folder is null ? null : Directory.EnumerateFiles(folder, "model.onnx", SearchOption.AllDirectories).FirstOrDefault();
        Skip.If(first is null, $"ONNX's node tests are not here: set {Variable} to the folder that holds test_abs and the others, or install libonnx-testdata.");
        int share = int.TryParse(Environment.GetEnvironmentVariable("ONNX_NODE_TEST_SHARE"), out int given) ? given : 32;
        return [.. Directory.EnumerateDirectories(Path.GetDirectoryName(Path.GetDirectoryName(first))!).Where(test => File.Exists(Path.Combine(test, "model.onnx"))).Order(StringComparer.Ordinal).Where((_, i) => i % share == 0)];
    }

    /// <summary>One model in three forms: with its inputs, with constants in the place of all but the first, and with constants only.</summary>
    private sealed class Run
    {
        private readonly string name;
        private readonly (double Relative, double Absolute) tolerance;
        private readonly byte[] model;
        private readonly Dictionary<string, OnnxTensor>? inputs;
        private readonly Dictionary<string, OnnxTensor> right = [];

        public Run(string test)
        {
            name = Path.GetFileName(test);
            tolerance = Tolerance(test);
            model = File.ReadAllBytes(Path.Combine(test, "model.onnx"));
            try
            {
                using IOnnxSession session = TensorRt.OpenOnnx(model, new OnnxSessionOptions { OptimizationLevel = OnnxOptimizationLevel.None });
                if (session.Inputs.Concat(session.Outputs).Any(value => value.Kind != OnnxValueKind.Tensor))
                {
                    return;
                }

                Dictionary<string, OnnxTensor> named = session.Inputs.Zip(Tensors(test, "input", session.Inputs.Count)).ToDictionary(pair => pair.First.Name, pair => pair.Second);
                right = session.Outputs.Zip(Tensors(test, "output", session.Outputs.Count)).ToDictionary(pair => pair.First.Name, pair => pair.Second);

                // Others are drawn by lot, or ONNX Runtime computes them in another way.
                inputs = Difference(session.Run(named)) is null ? named : null;
            }
            catch (Exception error) when (error is OnnxRuntimeException or FormatException or InvalidDataException)
            {
                // ONNX Runtime does not have it, or its data is no tensor.
            }
        }

        public List<string> Failures { get; } = [];

        public int Compared { get; private set; }

        public int Removed { get; private set; }

        /// <summary>Conversions that were refused, with the reason.</summary>
        public List<string> Refused { get; } = [];

        /// <summary>Optimises and simplifies the model with its inputs, with constants in the place of all but the first, and with constants only.</summary>
        public void Simplified()
        {
            foreach (int kept in inputs is null ? [] : new[] { inputs.Count, Math.Min(1, inputs.Count), 0 }.Distinct())
            {
                Try(inputs!, kept);
            }
        }

        /// <summary>Writes the model in all operator sets that are known.</summary>
        public void Converted()
        {
            foreach (int kept in inputs is null ? [] : new[] { inputs.Count, Math.Min(1, inputs.Count) }.Distinct())
            {
                byte[] form = Form(kept, out Dictionary<string, OnnxTensor> rest);
                if (kept == inputs!.Count || Attempt(form, rest) is null)
                {
                    Convert(form, rest, $"{name} with {kept} inputs");
                }
            }
        }

        private void Convert(byte[] form, Dictionary<string, OnnxTensor> rest, string what)
        {
            long own = ModelProto.Parser.ParseFrom(form).OpsetImport.FirstOrDefault(import => import.Domain.Length == 0)?.Version ?? 0;
            for (int opset = 11; own is >= 11 and <= 23 && opset <= 23; opset++)
            {
                try
                {
                    using OnnxModel converted = OnnxModel.Load(form);
                    converted.ConvertOpset(opset);
                    Compared++;
                    Assert.Equal(opset, converted.Opsets[""]);
                    if (Attempt(converted.ToArray(), rest) is { } difference)
                    {
                        Failures.Add($"{what} from {own} to {opset}: {difference}");
                    }
                }
                catch (Exception error) when (error is NotSupportedException or InvalidOperationException)
                {
                    Refused.Add($"{what} from {own} to {opset}: {error.Message.ReplaceLineEndings(" ")}");
                }
            }
        }

        /// <summary>The model with constants in the place of all inputs but the first few.</summary>
        private byte[] Form(int kept, out Dictionary<string, OnnxTensor> rest)
        {
            ModelProto proto = ModelProto.Parser.ParseFrom(model);
            string[] constants = [.. inputs!.Keys.Skip(kept)];
            proto.Graph.Initializer.Add(constants.Select(input => Written(input, inputs[input])));
            ValueInfoProto[] left = [.. proto.Graph.Input.Where(input => !constants.Contains(input.Name))];
            proto.IrVersion = Math.Max(4, proto.IrVersion);
            proto.Graph.Input.Clear();
            proto.Graph.Input.Add(left);
            rest = inputs.Where(input => !constants.Contains(input.Key)).ToDictionary();
            return proto.ToByteArray();
        }

        private void Try(Dictionary<string, OnnxTensor> inputs, int kept)
        {
            byte[] before = Form(kept, out Dictionary<string, OnnxTensor> rest);
            if (kept < inputs.Count && Attempt(before, rest) is not null)
            {
                return; // ONNX Runtime wants an input to be none
            }

            foreach (string how in (string[])["Optimize", "Simplify"])
            {
                try
                {
                    using OnnxModel changed = OnnxModel.Load(before);
                    OnnxOptimizeReport report = how == "Optimize" ? changed.Optimize(OnnxPasses.All, new OnnxOptimizeOptions { FixedPoint = true }) : changed.Simplify(new OnnxSimplifyOptions { Check = null });
                    Removed += report.Before.Total - report.After.Total;
                    if (Attempt(changed.ToArray(), rest) is { } difference)
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

        private string? Attempt(byte[] changed, Dictionary<string, OnnxTensor> given)
        {
            try
            {
                using IOnnxSession session = TensorRt.OpenOnnx(changed, new OnnxSessionOptions { OptimizationLevel = OnnxOptimizationLevel.None });
                Dictionary<string, OnnxTensor> taken = given.Where(input => session.Inputs.Any(info => info.Name == input.Key)).ToDictionary();
                return taken.Count < given.Count ? "an input is gone" : Difference(session.Run(taken));
            }
            catch (OnnxRuntimeException error)
            {
                return error.Message.ReplaceLineEndings(" ");
            }
        }

        private string? Difference(IReadOnlyDictionary<string, OnnxTensor> actual)
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
