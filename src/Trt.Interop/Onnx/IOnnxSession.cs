namespace Trt.Interop;

/// <summary>An ONNX model, ready to run by ONNX Runtime on the host. Thread-safe: any number of runs and bindings may be under way at once.</summary>
public interface IOnnxSession : IDisposable
{
    /// <summary>Inputs that a run needs, in the model's order; initializers are not among them.</summary>
    IReadOnlyList<OnnxValueInfo> Inputs { get; }

    /// <summary>Outputs in the model's order.</summary>
    IReadOnlyList<OnnxValueInfo> Outputs { get; }

    /// <summary>Runs the model once.</summary>
    /// <param name="inputs">A tensor for each input, by name; read in place.</param>
    /// <param name="outputs">Names of the outputs that are wanted; null for all.</param>
    /// <param name="cancellationToken">Ends the run at its next operator.</param>
    /// <returns>The wanted outputs by name, in memory of their own.</returns>
    /// <exception cref="ArgumentException">An input is missing, or a name is none of the model's.</exception>
    /// <exception cref="OnnxRuntimeException">ONNX Runtime refused the tensors or failed; the message holds its words.</exception>
    /// <exception cref="NotSupportedException">A wanted output is no tensor.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    IReadOnlyDictionary<string, OnnxTensor> Run(IReadOnlyDictionary<string, OnnxTensor> inputs, IReadOnlyCollection<string>? outputs = null, CancellationToken cancellationToken = default);

    /// <summary>A set of bound inputs and outputs for many runs without copies; it keeps the session alive.</summary>
    IOnnxBinding CreateBinding();
}
