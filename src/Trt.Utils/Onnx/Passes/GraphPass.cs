namespace Trt.Utils;

/// <summary>One way of making a graph simpler without changing what its outputs are.</summary>
internal abstract class GraphPass
{
    /// <summary>The name by which it is asked for.</summary>
    public abstract string Name { get; }

    /// <summary>What it does, in half a sentence.</summary>
    public abstract string Summary { get; }

    /// <summary>Changes a graph, but not the graphs in it.</summary>
    /// <returns>How many changes were made.</returns>
    public abstract int Run(EditableGraph graph);
}
