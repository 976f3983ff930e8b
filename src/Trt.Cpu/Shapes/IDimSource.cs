namespace Trt.Cpu;

/// <summary>Where expressions find the extents and values of network inputs.</summary>
internal interface IDimSource
{
    /// <summary>An extent of an input's shape.</summary>
    long Extent(int input, int axis);

    /// <summary>An element of an input that shapes depend on.</summary>
    long Value(int input, int element);
}
