using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Checks and texts of plain shapes.</summary>
internal static class Extents
{
    public static bool AreValid(Dims dims) => dims.NbDims is >= 0 and <= Dims.MaxDims && All(dims, extent => extent >= -1);

    public static bool All(Dims dims, Func<long, bool> condition)
    {
        foreach (long extent in dims.AsSpan())
        {
            if (!condition(extent))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Two or three numbers, each at least so large.</summary>
    public static bool AreSpatial(Dims dims, long least) => dims.NbDims is 2 or 3 && All(dims, extent => extent >= least && extent <= int.MaxValue);

    public static Dims Same(int count, long extent)
    {
        Dims dims = new() { NbDims = count };
        for (int i = 0; i < count; i++)
        {
            dims[i] = extent;
        }

        return dims;
    }

    /// <summary>What a user sees of expressions.</summary>
    public static Dims Visible(DimExpr[] dims)
    {
        Dims visible = new() { NbDims = dims.Length };
        for (int i = 0; i < dims.Length; i++)
        {
            visible[i] = dims[i].Visible;
        }

        return visible;
    }

    /// <summary>As in TensorRT's messages: <c>[2,3]</c>.</summary>
    public static string Text(Dims dims) => dims.NbDims < 0 ? "[?]" : $"[{string.Join(',', dims.ToArray())}]";

    public static string Text(DimExpr[] dims) => Text(Visible(dims));

    public static DimExpr[] Constants(Dims dims) => Array.ConvertAll(dims.ToArray(), DimExpr.Constant);
}
