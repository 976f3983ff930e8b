namespace Trt.Cpu.OnnxRuntime;

/// <summary>How a session is made.</summary>
internal sealed record OrtSessionSettings
{
    /// <summary>Threads that one operator may use; 0 lets ONNX Runtime take one per physical core.</summary>
    public int IntraOpThreads { get; init; }

    /// <summary>Operators that may run at once; 0 and 1 run them one after another.</summary>
    public int InterOpThreads { get; init; }

    /// <summary>Folder of external data that <see cref="Initializers"/> does not give; null for none.</summary>
    public string? ExternalDataFolder { get; init; }

    /// <summary>Whether times of all operators are recorded into a file (JSON of Chrome's trace viewer).</summary>
    public bool EnableProfiling { get; init; }

    /// <summary>Beginning of that file's path, to which ONNX Runtime appends date and time; null for <c>onnxruntime_profile_</c> in the current folder.</summary>
    public string? ProfilePrefix { get; init; }

    /// <summary>Graph optimisation: 0 none, 1 basic, 2 extended, 99 all.</summary>
    public int OptimizationLevel { get; init; } = 99;

    /// <summary>Whether constant weights are copied into the order that kernels read fastest; it costs memory for weights once more.</summary>
    public bool PacksWeights { get; init; } = true;

    /// <summary>Gets the session's warnings (2) and errors (3, 4), on whatever thread they arise; null for those of the environment.</summary>
    public Action<int, string>? Log { get; init; }

    /// <summary>Whether kernels must give the same bits in every run, where that costs time.</summary>
    public bool DeterministicCompute { get; init; }

    /// <summary>
    /// Values of the initializers that the model declares as external data (their files need not exist), by name. They lie in the caller's memory, which is
    /// read in place and must stay valid and unchanged until the session and all its bindings are disposed: constants folded from it are made only once.
    /// An initializer whose data is in the model cannot be replaced; what decides shapes (as of Reshape) belongs into the model.
    /// </summary>
    public IReadOnlyDictionary<string, (nint Data, long Bytes, OrtElementType Type, long[] Shape)>? Initializers { get; init; }

    /// <summary>Operators of the domain <see cref="OrtKernelSet.Domain"/> that managed code computes; the model imports that domain in version 1.</summary>
    public IReadOnlyList<IOrtKernel> Kernels { get; init; } = [];
}
