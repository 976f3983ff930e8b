namespace Trt.Utils;

/// <summary>How many elements lie in a range.</summary>
/// <param name="From">Least value.</param>
/// <param name="To">Greatest value; it belongs to the next bin, but for the last one.</param>
/// <param name="Count">Number of elements.</param>
public readonly record struct HistogramBin(double From, double To, long Count);
