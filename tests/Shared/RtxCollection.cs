using Xunit;

namespace Trt.Tests;

/// <summary>Tests that use TensorRT-RTX: one after another, since its logger, its plugin registry and the list of GPUs that a build is for are the process's.</summary>
[CollectionDefinition(Name)]
public sealed class RtxCollection
{
    public const string Name = "TensorRT-RTX";
}
