using Xunit;

namespace Trt.Interop.Tests.Loading;

/// <summary>Tests that change the process's environment: nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class EnvironmentCollection
{
    public const string Name = "environment";
}
