using Trt.Utils;

namespace Trt.Cli.Commands.Bench;

/// <summary>How far an output is from its reference.</summary>
/// <param name="Pair">The pair's name, or nothing.</param>
/// <param name="Tensor">The output.</param>
/// <param name="Measure">How it was measured.</param>
/// <param name="Loss">0 or more; infinite where a NaN stands against a number.</param>
/// <param name="Threshold">From where on it is a failure; null: never.</param>
internal sealed record OutputLoss(string Pair, string Tensor, AccuracyMeasure Measure, double Loss, double? Threshold)
{
    public bool Fails => Loss >= Threshold;

    /// <summary>Compares a run's outputs with references.</summary>
    /// <param name="parsed">The measure and its tolerances.</param>
    /// <param name="report">The run.</param>
    /// <param name="pair">The references.</param>
    public static IEnumerable<OutputLoss> Of(System.CommandLine.ParseResult parsed, BenchmarkReport report, ReferencePair pair)
    {
        if (pair.Outputs.Count == 0)
        {
            yield break;
        }

        (AccuracyMeasure measure, double absolute, double relative, double? threshold) = AccuracyOptions.Read(parsed);
        BenchmarkTensor[] outputs = [.. report.Tensors.Where(tensor => !tensor.IsInput)];
        IReadOnlyDictionary<string, TorchTensor> references = TensorFiles.Read(
            pair.Outputs, [.. outputs.Select(output => new TensorSlot(output.Name, ElementType.Of(output.DataType, output.Name), output.Shape.ToArray()))], null, "--load-ref-outputs");
        foreach (BenchmarkTensor output in outputs.Where(output => references.ContainsKey(output.Name)))
        {
            double[] values = new double[output.Count];
            for (long i = 0; i < values.Length; i++)
            {
                values[i] = output.Value(i);
            }

            double[] expected = references[output.Name].ConvertTo(TorchDType.Float64, ConversionRule.Lossy).ToArray<double>();
            yield return new OutputLoss(pair.Name, output.Name, measure, AccuracyLoss.Of(values, expected, measure, absolute, relative), threshold);
        }
    }

    /// <summary>As trtexec says it.</summary>
    public override string ToString() => FormattableString.Invariant(
        $"{(Pair.Length == 0 ? "" : $"pair {Pair}: ")}Accuracy loss for tensor {Tensor} ({Measure}): {Loss:0.000000}{(Fails ? $" [FAIL: >= threshold {Threshold}]" : "")}");
}
