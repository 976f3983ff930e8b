namespace Trt.Cpu;

/// <summary>The inputs of an engine as the greatest point of a profile has them.</summary>
internal sealed class ProfileGreatest(EngineCore core, int profile) : IDimSource
{
    private readonly PlanProfile? points = profile < core.Description.Profiles.Count ? core.Description.Profiles[profile] : null;

    public long Extent(int input, int axis) =>
        points?.Shapes.GetValueOrDefault(core.Tensors[input].Name) is { } shapes ? shapes[2][axis] : core.Tensors[input].Dims[axis];

    public long Value(int input, int element) => points?.Values.GetValueOrDefault(core.Tensors[input].Name) is { } values ? values[2][element] : 0;
}
