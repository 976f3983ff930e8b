namespace Trt.Interop;

/// <summary>
/// The inputs and outputs of an <see cref="IOnnxSession"/> bound to memory that runs read and write in place. Not thread-safe, but for <see cref="Terminate"/>.
/// The caller keeps the memory valid until it is bound elsewhere or the binding is disposed.
/// </summary>
public interface IOnnxBinding : IDisposable
{
    /// <summary>Binds an input; free where nothing changes.</summary>
    /// <param name="index">Position in <see cref="IOnnxSession.Inputs"/>.</param>
    /// <param name="type">What the elements are; must be the model's type, and of fixed size.</param>
    /// <param name="dims">Extents, all of them known.</param>
    /// <param name="data">Address of the first element.</param>
    /// <param name="bytes">Size of the memory; at least what the extents take.</param>
    void BindInput(int index, OnnxElementType type, ReadOnlySpan<long> dims, nint data, long bytes);

    /// <summary>Binds an output to memory; free where nothing changes.</summary>
    /// <param name="index">Position in <see cref="IOnnxSession.Outputs"/>.</param>
    /// <param name="type">What the elements are; must be the model's type, and of fixed size.</param>
    /// <param name="dims">Extents that the run will give; others make it fail.</param>
    /// <param name="data">Address of the first element.</param>
    /// <param name="bytes">Size of the memory; at least what the extents take.</param>
    void BindOutput(int index, OnnxElementType type, ReadOnlySpan<long> dims, nint data, long bytes);

    /// <summary>Lets ONNX Runtime allocate an output in every run, for shapes that only the run knows; read it with <see cref="GetOutput"/>.</summary>
    /// <param name="index">Position in <see cref="IOnnxSession.Outputs"/>.</param>
    void BindOutput(int index);

    /// <summary>Runs the model; allocates no managed memory.</summary>
    /// <exception cref="OnnxRuntimeException">An input is not bound, extents do not fit the model, an operator failed, or the run was terminated; outputs are undefined then.</exception>
    void Run();

    /// <summary>An output of the last run, where it lies; valid until the next run of the binding or its disposal.</summary>
    /// <param name="index">Position in <see cref="IOnnxSession.Outputs"/>.</param>
    /// <exception cref="InvalidOperationException">The output is not bound, or there was no successful run since it was.</exception>
    OnnxTensor GetOutput(int index);

    /// <summary>Makes a run that is under way on another thread fail at its next operator. Thread-safe.</summary>
    void Terminate();
}
