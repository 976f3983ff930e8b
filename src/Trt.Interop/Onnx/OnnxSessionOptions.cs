namespace Trt.Interop;

/// <summary>How <see cref="TensorRt.OpenOnnx(string, OnnxSessionOptions?)"/> opens a model.</summary>
public sealed record OnnxSessionOptions
{
    /// <summary>How far the graph may be changed.</summary>
    public OnnxOptimizationLevel OptimizationLevel { get; init; } = OnnxOptimizationLevel.All;

    /// <summary>Threads that one operator may use; 0 lets ONNX Runtime take one per physical core.</summary>
    public int IntraOpThreads { get; init; }

    /// <summary>Operators that may run at once; 0 and 1 run them one after another.</summary>
    public int InterOpThreads { get; init; }

    /// <summary>Whether kernels must give the same bits in every run, where that costs time.</summary>
    public bool DeterministicCompute { get; init; }

    /// <summary>
    /// Folder that locations of external data are relative to; locations outside of it are refused. Null: the folder of the model's file, and for a model in memory
    /// none, so that it may not have external data but what <see cref="Initializers"/> gives.
    /// </summary>
    public string? ExternalDataFolder { get; init; }

    /// <summary>
    /// Values of initializers that the model declares as external data, by name; their files need not exist. The memory is read in place and must stay unchanged while the
    /// session lives, which keeps the tensors alive. What decides shapes (as of Reshape) must be in the model itself.
    /// </summary>
    public IReadOnlyDictionary<string, OnnxTensor>? Initializers { get; init; }

    /// <summary>Hears the session's warnings and errors, on whatever thread they arise; null for nobody.</summary>
    public Action<Severity, string>? Log { get; init; }
}
