namespace Trt.Lite;

/// <summary>Writes a sample into a tensor.</summary>
/// <typeparam name="TSample">The sample's type.</typeparam>
/// <typeparam name="TElement">The tensor's element type.</typeparam>
/// <param name="sample">The sample.</param>
/// <param name="tensor">All elements of the sample's shape, last axis fastest; what they hold before is undefined.</param>
public delegate void TensorFiller<in TSample, TElement>(TSample sample, Span<TElement> tensor);
