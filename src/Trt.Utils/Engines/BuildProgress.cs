using System.Globalization;

namespace Trt.Utils;

/// <summary>How a build advances: a phase that began, did a step, or ended. Phases lie within phases.</summary>
/// <param name="State">What happened.</param>
/// <param name="Phase">Name of the phase, the library's own where it is the library's.</param>
/// <param name="Parent">Name of the phase around it, or null.</param>
/// <param name="Step">Steps that are done.</param>
/// <param name="Steps">Steps that the phase has.</param>
/// <remarks>There is no share of the whole: how long a phase takes is not known before.</remarks>
public readonly record struct BuildProgress(BuildProgressState State, string Phase, string? Parent, int Step, int Steps)
{
    /// <summary>As in <c>Optimizing graph 3/30</c>.</summary>
    public override string ToString() => State switch
    {
        BuildProgressState.Started => string.Create(CultureInfo.InvariantCulture, $"{Phase} 0/{Steps}"),
        BuildProgressState.Finished => string.Create(CultureInfo.InvariantCulture, $"{Phase} {Step}/{Steps} finished"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Phase} {Step}/{Steps}"),
    };
}
