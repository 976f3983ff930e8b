using Trt.Interop;

namespace Trt.Cpu.Tests.Goldens;

/// <summary>What a library answered to a case.</summary>
internal sealed class CaseResult
{
    /// <summary>ok, built, refused_add, refused_build or run_refused, as in the goldens; na when a member is missing.</summary>
    public string Status { get; set; } = "built";

    /// <summary>The message of the call that failed.</summary>
    public string? Failure { get; set; }

    /// <summary>Whether C# refused before the library saw the call, as it does for null, for shapes that do not exist and for numbers that are no enumerators.</summary>
    public bool IsArgument { get; set; }

    public List<(int Call, object? Value)> Returned { get; } = [];

    public List<(string Layer, string Type, List<CaseTensor> Outputs)> Layers { get; } = [];

    public List<CaseTensor> Outputs { get; } = [];

    /// <summary>Inputs, with whether their values decide shapes and whether they are computed with.</summary>
    public List<(CaseTensor Tensor, bool IsShape, bool IsExecution)> Inputs { get; } = [];

    /// <summary>Each run's outputs: shape, type and bytes by name.</summary>
    public List<Dictionary<string, (Dims Dims, DataType Type, byte[] Bytes)>> Runs { get; } = [];

    public List<(string Phase, Severity Severity, string Text)> Log { get; } = [];
}
