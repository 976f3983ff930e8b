using Trt.Interop;

namespace Trt.Cpu.Layers;

/// <summary>What squeezing and unsqueezing have in common: axes given as a tensor that must be known when building.</summary>
internal abstract class AxesLayer(CpuNetwork network, CpuTensor input, CpuTensor axes) : CpuLayer(network, 1, input, axes)
{
    /// <summary>Its name in messages about axes.</summary>
    protected abstract string Verb { get; }

    protected override int? InputLimit => 2;

    public override bool ReadsValues(int input) => input == 1;

    public override void Infer(Inference context)
    {
        DimExpr[] given = context.ShapeValues(1, "second input");
        context.CheckType(0, "first input", Types.Movable);
        if (context.Dims(1).Length != 1)
        {
            throw context.Refuse($"dimensions of the second input to {Interface} must be a 1D tensor. It has {context.Dims(1).Length} dimensions.", ErrorCode.InvalidArgument);
        }

        DimExpr[] dims = context.Dims(0);
        int rank = RankWithAxes(dims.Length, given.Length);
        if (rank > Dims.MaxDims)
        {
            throw Refusal.Shape($"{Verb} would produce a tensor with {rank} dimensions, more than {Dims.MaxDims}");
        }

        bool[] chosen = new bool[rank];
        foreach (DimExpr entry in given)
        {
            if (!entry.IsConstant)
            {
                throw Refusal.Shape($"{Verb} axis is not a constant");
            }

            long axis = entry.Number < 0 ? entry.Number + rank : entry.Number;
            if (axis < 0 || axis >= rank)
            {
                throw Refusal.Shape($"{Verb} index ({entry.Number}) must be less than the number of dimensions, {rank}");
            }

            if (chosen[axis])
            {
                throw Refusal.Shape($"{Verb} axes name {axis} twice");
            }

            chosen[axis] = true;
        }

        context.Set(0, Result(context, dims, chosen), context.Values(0));
    }

    public override void Lower(Lowering graph) => graph.Set(0, graph.Reshape(graph.Input(0), graph.OutputDims(0)));

    /// <summary>The number of dimensions that axes count in.</summary>
    protected abstract int RankWithAxes(int rank, int axes);

    protected abstract DimExpr[] Result(Inference context, DimExpr[] dims, bool[] chosen);
}
