using System.Collections.Immutable;

namespace Trt.Utils;

/// <summary>What the measured part of a benchmark left.</summary>
internal sealed record BenchmarkRun(ImmutableArray<BenchmarkTensor> Tensors, List<QueryTimes> Trace, int WarmUpQueries, double WarmUpTime, bool UsedGraphs);
