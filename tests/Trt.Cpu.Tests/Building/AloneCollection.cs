using Xunit;

namespace Trt.Cpu.Tests.Building;

/// <summary>Tests that measure the process, while no other test runs.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}
