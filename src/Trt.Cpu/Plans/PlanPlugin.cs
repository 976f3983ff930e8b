namespace Trt.Cpu;

/// <summary>A plugin layer of a plan: how to restore the plugin, and how to call it.</summary>
internal sealed record PlanPlugin
{
    /// <summary>Operator of the graph's node that it computes.</summary>
    public required string Kernel { get; init; }

    /// <summary>Name of the layer, for messages and for the creator.</summary>
    public required string Layer { get; init; }

    public required PluginFamily Family { get; init; }

    public required PluginIdentity Identity { get; init; }

    /// <summary>What a V3 plugin is restored from.</summary>
    public IReadOnlyList<PlanPluginField> Fields { get; init; } = [];

    /// <summary>What a V2 plugin is restored from.</summary>
    public byte[] Data { get; init; } = [];

    public required IReadOnlyList<PlanPluginTensor> Inputs { get; init; }

    public required IReadOnlyList<PlanPluginTensor> Outputs { get; init; }

    /// <summary>Types of the inputs whose values decide shapes; the plugin itself does not get them.</summary>
    public required IReadOnlyList<Trt.Interop.DataType> ShapeInputs { get; init; }

    public long Workspace { get; init; }

    public int Tactic { get; init; }
}
