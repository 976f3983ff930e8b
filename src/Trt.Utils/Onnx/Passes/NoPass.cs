namespace Trt.Utils;

/// <summary>Does nothing.</summary>
internal sealed class NoPass : GraphPass
{
    public override string Name => "nop";

    public override string Summary => "nothing";

    public override int Run(EditableGraph graph) => 0;
}
