namespace Trt.Cpu.OnnxRuntime;

/// <summary>An operator that managed code computes: the node of domain <see cref="OrtKernelSet.Domain"/> whose operator has its name.</summary>
/// <remarks>Sessions run on many threads at once, and so do their kernels; what belongs to one run is in <see cref="OrtKernelCall.State"/>.</remarks>
internal interface IOrtKernel
{
    /// <summary>Name of the operator; unique in a session, a letter followed by letters, digits and underscores.</summary>
    string Name { get; }

    /// <summary>What the elements of the inputs are.</summary>
    IReadOnlyList<OrtElementType> InputTypes { get; }

    /// <summary>What the elements of the outputs are; at least one.</summary>
    IReadOnlyList<OrtElementType> OutputTypes { get; }

    /// <summary>Computes all outputs. What it throws ends the run, and comes out of it as the inner exception.</summary>
    void Compute(in OrtKernelCall call);
}
