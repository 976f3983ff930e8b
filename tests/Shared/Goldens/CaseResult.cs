using Trt.Interop;

namespace Trt.Tests.Goldens;

/// <summary>What a library answered to a case.</summary>
internal sealed class CaseResult
{
    /// <summary>ok, built, refused_add, refused_build or run_refused, as in the goldens; na when a member is missing.</summary>
    public string Status { get; set; } = "built";

    /// <summary>What the call that failed threw.</summary>
    public Exception? Error { get; set; }

    /// <summary>The message of the call that failed.</summary>
    public string? Failure => Error?.Message;

    /// <summary>The call that failed, as number and C++ path; null when none of the case's own calls did.</summary>
    public string? FailedCall { get; set; }

    /// <summary>Whether C# refused before the library saw the call, as it does for null, for shapes that do not exist and for numbers that are no enumerators.</summary>
    public bool IsArgument { get; set; }

    public List<(int Call, object? Value)> Returned { get; } = [];

    public List<CaseLayer> Layers { get; } = [];

    public List<CaseTensor> Inputs { get; } = [];

    public List<CaseTensor> Outputs { get; } = [];

    /// <summary>C++ names of the case's builder flags that the release does not have.</summary>
    public List<string> FlagsDropped { get; } = [];

    /// <summary>Each run's outputs: shape, type and bytes by name.</summary>
    public List<Dictionary<string, (Dims Dims, DataType Type, byte[] Bytes)>> Runs { get; } = [];

    public List<(string Phase, Severity Severity, string Text)> Log { get; } = [];
}
