namespace Trt.Lite.Tests;

/// <summary>Tests that look at the whole process, its threads, leaks and variables: nothing else runs meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}
