using Xunit;

namespace Trt.Interop.Tests.Cuda;

/// <summary>Leaks and allocations are counted for the whole process, so these tests run one at a time.</summary>
[CollectionDefinition("device", DisableParallelization = true)]
public sealed class DeviceCollection;
