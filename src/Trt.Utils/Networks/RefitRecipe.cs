using System.Collections.Immutable;
using System.Globalization;
using Trt.Interop;

namespace Trt.Utils;

/// <summary>How weights of an engine are computed from the tensors of a checkpoint. It is written in the weights' name, so that every engine carries its own.</summary>
/// <remarks>
/// Most names are a tensor's: <c>fc1.weight</c>. Where a batch normalization was folded, the name says of what into what: <c>kernel(conv1.weight, bn1)</c> and <c>bias(conv1.bias, bn1)</c> for a convolution with a
/// normalization after it (<c>conv1.bias</c> may be missing: then it was 0), <c>scale(bn1)</c> and <c>shift(bn1)</c> for a normalization by itself, with ε as another argument where it is not 1e-5. Numbers that belong to
/// no tensor are <c>constant(0.25)</c> (behind the number its count, where it is not 1, and its type, where that is not Float), so that a refitter which asks for all weights gets these too.
/// </remarks>
public sealed class RefitRecipe
{
    private readonly string? function;
    private readonly string[] arguments;
    private readonly float number;
    private readonly long constantCount;

    private RefitRecipe(string name, string? function, string[] arguments, float number, long constantCount = 1)
    {
        this.constantCount = constantCount;
        Name = name;
        this.function = function;
        this.arguments = arguments;
        this.number = number;
    }

    /// <summary>The weights' name.</summary>
    public string Name { get; }

    /// <summary>Whether the weights are computed; else they are the tensor of their own name.</summary>
    public bool IsComputed => function is not null;

    /// <summary>Reads the name of weights.</summary>
    /// <param name="weightsName">A name, as <c>IRefitter.GetAllWeights</c> tells it.</param>
    /// <returns>The recipe; for a name that is no such formula, the tensor of that name.</returns>
    public static RefitRecipe Of(string weightsName)
    {
        ArgumentNullException.ThrowIfNull(weightsName);
        int open = weightsName.IndexOf('(', StringComparison.Ordinal);
        string function = open < 0 ? "" : weightsName[..open];
        int count = function switch { "kernel" or "bias" => 2, "scale" or "shift" or "constant" => 1, _ => 0 };
        if (count == 0 || !weightsName.EndsWith(')'))
        {
            return new RefitRecipe(weightsName, null, [weightsName], 0);
        }

        string[] arguments = weightsName[(open + 1)..^1].Split(", ");
        float number = BatchNormFold.DefaultEpsilon;
        long constantCount = 1;
        bool isWhole = function == "constant"
            ? arguments.Length <= 3 && TryParse(arguments[0], out number) && (arguments.Length < 2 || long.TryParse(arguments[1], NumberStyles.None, CultureInfo.InvariantCulture, out constantCount) || arguments.Length == 2)
            : arguments.Length == count || (arguments.Length == count + 1 && TryParse(arguments[count], out number));
        return isWhole ? new RefitRecipe(weightsName, function, arguments[..count], number, Math.Max(constantCount, 1)) : new RefitRecipe(weightsName, null, [weightsName], 0);
    }

    /// <summary>The tensors of a checkpoint that are read.</summary>
    /// <param name="weights">The checkpoint.</param>
    /// <returns>Full names; those which may be missing only when they are there.</returns>
    public ImmutableArray<string> SourcesIn(WeightsMap weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        if (!IsComputed || function == "constant")
        {
            return IsComputed ? [] : [arguments[0]];
        }

        WeightsMap batchNorm = BatchNorm(weights);
        IEnumerable<WeightsMap> optional = function is "bias" ? [weights[arguments[0]]] : [];
        IEnumerable<WeightsMap> needed = function is "kernel" ? [weights[arguments[0]]] : [];
        return
        [
            .. needed.Select(map => map.Prefix),
            .. optional.Concat([batchNorm["weight"], batchNorm["bias"]]).Where(map => map.IsTensor).Select(map => map.Prefix),
            batchNorm["running_mean"].Prefix,
            batchNorm["running_var"].Prefix,
        ];
    }

    /// <summary>Computes the weights.</summary>
    /// <param name="weights">The checkpoint, under the names that the network was made with.</param>
    /// <param name="count">How many values the engine has, as <c>IRefitter.GetWeightsPrototype</c> tells.</param>
    /// <returns>The values in the engine's order, in single precision.</returns>
    /// <exception cref="KeyNotFoundException">A tensor is missing; the message names it.</exception>
    /// <exception cref="WeightShapeException">A tensor of a normalization has not as many values as the convolution has outputs.</exception>
    /// <exception cref="ArgumentException">The checkpoint gives another number of values than the engine has: it is of another size of the network.</exception>
    public float[] Compute(WeightsMap weights, long count)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        float[] values = Values(weights, count);
        return values.Length == count
            ? values
            : throw new ArgumentException($"Weights \"{Name}\" of the engine have {count} values, but the checkpoint gives {values.Length}. It is of another network, or of another size of it.", nameof(weights));
    }

    /// <summary>Computes the weights for an engine whose release does not tell counts.</summary>
    internal float[] Compute(WeightsMap weights) => Values(weights, constantCount);

    /// <inheritdoc/>
    public override string ToString() => Name;

    internal static string KernelName(WeightsMap kernel, WeightsMap batchNorm, float epsilon) => $"kernel({kernel.Prefix}, {batchNorm.Prefix}{Ending(epsilon)}";

    internal static string BiasName(WeightsMap bias, WeightsMap batchNorm, float epsilon) => $"bias({bias.Prefix}, {batchNorm.Prefix}{Ending(epsilon)}";

    internal static string ScaleName(WeightsMap batchNorm, float epsilon) => $"scale({batchNorm.Prefix}{Ending(epsilon)}";

    internal static string ShiftName(WeightsMap batchNorm, float epsilon) => $"shift({batchNorm.Prefix}{Ending(epsilon)}";

    internal static string ConstantName(float value, long count, DataType type) =>
        string.Create(CultureInfo.InvariantCulture, $"constant({value}{(count == 1 ? "" : $", {count}")}{(type == DataType.Float ? "" : $", {type}")})");

    private static bool TryParse(string text, out float number) => float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);

    private static string Ending(float epsilon) => epsilon == BatchNormFold.DefaultEpsilon ? ")" : string.Create(CultureInfo.InvariantCulture, $", {epsilon})");

    private float[] Values(WeightsMap weights, long count)
    {
        if (!IsComputed)
        {
            return weights[arguments[0]].Tensor.ToFloat32();
        }

        if (function == "constant")
        {
            float[] constant = new float[count];
            Array.Fill(constant, number);
            return constant;
        }

        WeightsMap batchNorm = BatchNorm(weights);
        BatchNormFold fold = new(batchNorm, number, function == "kernel" ? Outputs(weights[arguments[0]]) : batchNorm["running_mean"].Tensor.ElementCount);
        return function switch
        {
            "kernel" => fold.Kernel(weights[arguments[0]]),
            "bias" => fold.Bias(weights[arguments[0]]),
            "scale" => fold.Scale(),
            _ => fold.Shift(),
        };
    }

    private static long Outputs(WeightsMap kernel) => kernel.Tensor.Shape is [long outputs, ..] ? outputs : throw Expect.Wrong(kernel, "which is no convolution's kernel");

    private WeightsMap BatchNorm(WeightsMap weights) => arguments[^1].Length == 0 ? weights : weights[arguments[^1]];
}
