using Trt.Interop;

namespace Trt.Cpu;

/// <summary>The inputs as one of the three points of a profile has them.</summary>
internal sealed class ProfilePoint(IReadOnlyList<CpuTensor> inputs, CpuOptimizationProfile profile, OptProfileSelector point) : IDimSource
{
    public long Extent(int input, int axis)
    {
        Dims dims = profile.GetDimensions(inputs[input].Name, point);
        return dims.NbDims > axis ? dims[axis] : inputs[input].InputDims[axis];
    }

    public long Value(int input, int element) => profile.GetShapeValuesV2(inputs[input].Name, point)![element];
}
