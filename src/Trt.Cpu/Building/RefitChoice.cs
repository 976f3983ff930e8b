using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Which weights of a network a build keeps exchangeable, after the builder's flags.</summary>
internal sealed class RefitChoice
{
    private readonly CpuNetwork? network;
    private readonly bool all;

    /// <summary>What flags say.</summary>
    public RefitChoice(CpuNetwork network, Mask<BuilderFlag> flags)
    {
        this.network = network;
        bool individual = flags.Contains(BuilderFlag.RefitIndividual);
        Strips = flags.Contains(BuilderFlag.StripPlan);

        // A plan that is to be stripped has to get its weights back: without another word, by the same ones.
        all = flags.Contains(BuilderFlag.Refit) || flags.Contains(BuilderFlag.RefitIdentical) || (Strips && !individual);
        IsOn = all || individual;
    }

    private RefitChoice()
    {
    }

    /// <summary>No weights.</summary>
    public static RefitChoice None { get; } = new();

    public bool IsOn { get; }

    /// <summary>Whether the plan is written without the exchangeable weights.</summary>
    public bool Strips { get; }

    public bool Includes(Weights weights) =>
        weights.Count > 0 && CanBe(weights.Type) && (all || (IsOn && network!.NameOf(weights) is { } name && network.AreWeightsMarkedRefittable(name)));

    /// <summary>Whether weights of a type can be exchanged: whole numbers and truth values decide shapes, indices and branches.</summary>
    public static bool CanBe(DataType type) => type is not (DataType.Int32 or DataType.Int64 or DataType.Bool or DataType.UInt8);

    public string? NameOf(Weights weights) => network?.NameOf(weights);
}
