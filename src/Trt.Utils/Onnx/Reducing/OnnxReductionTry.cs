namespace Trt.Utils;

/// <summary>What came of one question that a reduction asked.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Phase">What was being shortened: <c>outputs</c>, <c>inputs</c> or <c>nodes</c>; <c>whole</c> for the model as it is.</param>
/// <param name="NodeCount">Nodes of the part.</param>
/// <param name="Fails">The answer.</param>
public sealed record OnnxReductionTry(int Number, string Phase, int NodeCount, bool Fails);
