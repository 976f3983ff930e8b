namespace Trt.Lite;

/// <summary>Makes a result of a sample's outputs.</summary>
/// <typeparam name="TResult">The result.</typeparam>
/// <param name="sample">The outputs, valid during the call.</param>
public delegate TResult SampleFunction<out TResult>(SampleOutputs sample);
