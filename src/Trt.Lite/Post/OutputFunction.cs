namespace Trt.Lite;

/// <summary>Makes a result of one output of a sample.</summary>
/// <typeparam name="TResult">The result.</typeparam>
/// <param name="output">The output, valid during the call.</param>
public delegate TResult OutputFunction<out TResult>(OutputView output);
