namespace Trt.Utils;

/// <summary>A range that holds the true value with a confidence of 95 %.</summary>
/// <param name="Low">Its lower end.</param>
/// <param name="High">Its upper end.</param>
public readonly record struct Interval(double Low, double High);
