using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Shapes of a plugin's outputs by its own inputs: as the plan keeps them, and as a build and a run work them out.</summary>
/// <param name="Outputs">Extents of the outputs: input i's axis a is extent d(i).(a), element e of shape input j is value v(inputs + j).(e).</param>
/// <param name="SizeTensors">Size tensors by output, with the value to tune for and the greatest one.</param>
internal sealed record PluginShapes(DimExpr[][] Outputs, IReadOnlyDictionary<int, (DimExpr Opt, DimExpr Upper)> SizeTensors)
{
    /// <summary>Size tensors are values of inputs from here on, which no plugin has.</summary>
    public const int FirstSizeTensor = 1 << 20;

    /// <summary>The value of the size tensor that is an output.</summary>
    public static DimExpr SizeTensor(int output) => DimExpr.Value(FirstSizeTensor + output, 0);

    public static bool IsSizeTensor(DimExpr expression) => expression.Op == DimOp.Value && expression.Input >= FirstSizeTensor;

    /// <summary>Whether only the plugin's run knows the number.</summary>
    public static bool DependsOnData(DimExpr expression) => IsSizeTensor(expression) || expression.Operands.Any(DependsOnData);

    /// <summary>What an expression cannot exceed, by what its size tensors cannot exceed.</summary>
    public static DimExpr Bound(DimExpr expression, IReadOnlyDictionary<int, (DimExpr Opt, DimExpr Upper)> sizeTensors)
    {
        DimExpr most = Replace(expression, output => sizeTensors[output].Upper);
        return IsSizeTensor(expression) ? most : DimExpr.Max(most, Replace(expression, _ => DimExpr.Zero));
    }

    private static DimExpr Replace(DimExpr expression, Func<int, DimExpr> sizeTensor) =>
        IsSizeTensor(expression) ? sizeTensor(expression.Input - FirstSizeTensor)
        : DependsOnData(expression) ? DimExpr.Apply(expression.Op, Array.ConvertAll(expression.Operands, operand => Replace(operand, sizeTensor)))
        : expression;

    /// <summary>Asks a plugin for its shapes, in terms of its own inputs.</summary>
    public static PluginShapes Ask(Plugin plugin, DimExpr[][] inputs, DimExpr[][] shapeInputs, DataType[] types)
    {
        DimExpr[][] own = [.. inputs.Select((dims, input) => dims.Select((dim, axis) => dim.IsConstant ? dim : DimExpr.Extent(input, axis)).ToArray())];
        DimExpr[][] values = [.. shapeInputs.Select((list, input) => list.Select((value, element) => value.IsConstant ? value : DimExpr.Value(inputs.Length + input, element)).ToArray())];
        ExprBuilder builder = new(SizeTensor);
        DimExpr[][] outputs = plugin.OutputShapes(own, values, builder);
        Check(plugin, outputs, builder, types);
        return new PluginShapes(outputs, builder.SizeTensors);
    }

    /// <summary>Refuses shapes that no run could have.</summary>
    public static void Check(Plugin plugin, DimExpr[][] outputs, ExprBuilder builder, DataType[] types)
    {
        if (outputs.Length != types.Length)
        {
            throw plugin.Failure($"the plugin has {outputs.Length} outputs now but had {types.Length} when it was added.", ErrorCode.InvalidArgument);
        }

        foreach (int output in builder.SizeTensors.Keys)
        {
            if (output >= outputs.Length)
            {
                throw plugin.Failure($"size tensor {output} was declared, but the plugin has outputs 0 to {outputs.Length - 1}.", ErrorCode.InvalidArgument);
            }

            if (outputs[output].Length != 0 || !Types.IsInteger(types[output]))
            {
                throw plugin.Failure($"size tensor {output} must be a scalar of type Int32 or Int64.", ErrorCode.InvalidArgument);
            }
        }
    }
}
