namespace Trt.Utils;

/// <summary>The time that one layer took in the profiled runs.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Total">Milliseconds of all runs together.</param>
/// <param name="Mean">Milliseconds of a run.</param>
/// <param name="Median">Milliseconds of the run in the middle.</param>
/// <param name="Share">Which part of the time of all layers it took, 0 to 1.</param>
public readonly record struct LayerTime(string Name, double Total, double Mean, double Median, double Share);
