using Xunit;

namespace Trt.Interop.Tests.Abi;

/// <summary>The probe's notes are of one process: its tests run one after the other.</summary>
[CollectionDefinition("ABI probe", DisableParallelization = true)]
public sealed class AbiProbeCollection;
