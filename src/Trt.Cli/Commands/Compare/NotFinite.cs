using Trt.Utils;

namespace Trt.Cli.Commands;

/// <summary>A tensor with NaN or infinities.</summary>
/// <param name="Runner">Who made it.</param>
/// <param name="Tensor">Its name.</param>
/// <param name="Node">The node that makes it; null where that is not known.</param>
/// <param name="Sample">The sample's number.</param>
/// <param name="Statistics">How many there are, and where the first is.</param>
/// <param name="IsOrigin">Whether all that its node reads of what was looked at is finite.</param>
internal sealed record NotFinite(string Runner, string Tensor, OnnxNode? Node, int Sample, TensorStatistics Statistics, bool IsOrigin);
