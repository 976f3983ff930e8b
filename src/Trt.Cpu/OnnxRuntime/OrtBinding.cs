using Trt.Cpu.OnnxRuntime.Native;

namespace Trt.Cpu.OnnxRuntime;

/// <summary>
/// The inputs and outputs of one execution, in the caller's memory, which is read and written in place.
/// Not thread-safe, but for <see cref="Terminate"/>. The caller keeps the memory valid until it is bound elsewhere or the binding is disposed.
/// </summary>
internal sealed unsafe class OrtBinding : IDisposable
{
    private readonly OrtEnvironment environment;
    private readonly OrtBindingHandle handle;
    private readonly string[] inputNames;
    private readonly nint[] nativeInputNames;
    private readonly string[] outputNames;
    private readonly nint[] nativeOutputNames;
    private readonly OrtBoundTensor[] inputs;
    private readonly OrtBoundTensor[] outputs;
    private readonly List<int> outputOrder = [];
    private readonly Lock gate = new();
    private bool running;
    private bool terminating;
    private bool hasRun;
    private bool failed;
    private Exception? kernelError;

    [ThreadStatic]
    private static OrtBinding? current;

    internal OrtBinding(OrtEnvironment environment, OrtSessionHandle session, string[] inputNames, nint[] nativeInputNames, string[] outputNames, nint[] nativeOutputNames)
    {
        this.environment = environment;
        this.inputNames = inputNames;
        this.nativeInputNames = nativeInputNames;
        this.outputNames = outputNames;
        this.nativeOutputNames = nativeOutputNames;
        inputs = new OrtBoundTensor[inputNames.Length];
        outputs = new OrtBoundTensor[outputNames.Length];
        handle = new OrtBindingHandle(environment, session);
    }

    /// <summary>The binding whose run is under way on this thread: a session computes its operators on the thread that runs it.</summary>
    internal static OrtBinding? Running => current;

    /// <summary>What managed kernels find as <see cref="OrtKernelCall.State"/> in this binding's runs.</summary>
    public object? State { get; set; }

    /// <summary>Binds an input to memory, without a copy; free where nothing changes.</summary>
    /// <param name="index">Position in the session's input names.</param>
    /// <param name="data">Address of the first element, aligned for the type.</param>
    /// <param name="bytes">Size of the memory; at least what the shape takes.</param>
    /// <param name="type">What the elements are; must be the model's type.</param>
    /// <param name="shape">Dimensions, all of them known.</param>
    public void BindInput(int index, nint data, long bytes, OrtElementType type, ReadOnlySpan<long> shape)
    {
        CheckIndex(index, inputNames, "input");
        if (inputs[index].Holds(data, bytes, type, shape))
        {
            return;
        }

        OrtValue* value = environment.TensorOver(data, bytes, type, shape, inputNames[index]);
        OrtStatus* status = environment.Api.BindInput(handle.Binding, (byte*)nativeInputNames[index], value);
        environment.Api.ReleaseValue(value); // The binding has a reference of its own.
        environment.Check(status, "bind an input");
        inputs[index].Hold(data, bytes, type, shape);
    }

    /// <summary>Binds an output to memory that the run writes in place; free where nothing changes.</summary>
    /// <param name="index">Position in the session's output names.</param>
    /// <param name="data">Address of the first element, aligned for the type.</param>
    /// <param name="bytes">Size of the memory; at least what the shape takes.</param>
    /// <param name="type">What the elements are; must be the model's type.</param>
    /// <param name="shape">Dimensions that the run will give; others make the run fail.</param>
    public void BindOutput(int index, nint data, long bytes, OrtElementType type, ReadOnlySpan<long> shape)
    {
        CheckIndex(index, outputNames, "output");
        if (!outputs[index].Holds(data, bytes, type, shape))
        {
            Release();
            BindOutputMemory(index, data, bytes, type, shape);
            outputs[index].Hold(data, bytes, type, shape);
            Remember(index);
        }
    }

    /// <summary>Lets ONNX Runtime allocate an output in every run, for shapes that only the run knows; read it with <see cref="GetOutput"/>.</summary>
    public void BindOutput(int index)
    {
        CheckIndex(index, outputNames, "output");
        if (!outputs[index].IsAllocated)
        {
            Release();
            BindOutputAllocated(index);
            outputs[index].Allocate();
            Remember(index);
        }
    }

    /// <summary>Runs the model and returns when all outputs are written. Allocates no managed memory.</summary>
    /// <exception cref="OrtException">An input is not bound, shapes do not fit the model, a kernel failed, or <see cref="Terminate"/> was called; outputs are undefined then.</exception>
    public void Run()
    {
        ObjectDisposedException.ThrowIf(handle.IsClosed, this);
        Release();
        for (int i = 0; i < outputs.Length; i++)
        {
            // What ONNX Runtime allocated in one run it would take for a buffer of fixed shape in the next.
            if (outputs[i].IsAllocated)
            {
                BindOutputAllocated(i);
            }
            else if (failed && outputs[i].IsCallers)
            {
                BindOutputMemory(i, outputs[i].Data, outputs[i].Bytes, outputs[i].Type, outputs[i].Shape);
            }
        }

        lock (gate)
        {
            running = true;
        }

        failed = true;
        kernelError = null;
        OrtBinding? outer = current;
        current = this;
        OrtStatus* status = environment.Api.RunWithBinding(handle.Session.Session, handle.Options, handle.Binding);
        current = outer;
        bool terminated = false;
        lock (gate)
        {
            running = false;
            if (terminating)
            {
                terminating = false;
                terminated = true;
                environment.Check(environment.Api.RunOptionsUnsetTerminate(handle.Options), "make a terminated binding ready again");
            }
        }

        if (status is not null && kernelError is { } error)
        {
            OrtException reason = environment.Failure(status, "run the model");
            throw new OrtException(reason.Message, reason.Code, error);
        }

        environment.Check(status, terminated ? "finish the run, which was terminated" : "run the model");
        failed = false;
        hasRun = true;
    }

    /// <summary>An output of the last run; nothing is copied.</summary>
    /// <exception cref="InvalidOperationException">The output is not bound, or there was no successful run since it was.</exception>
    public OrtOutput GetOutput(int index)
    {
        CheckIndex(index, outputNames, "output");
        int position = outputOrder.IndexOf(index);
        if (!hasRun || position < 0)
        {
            throw new InvalidOperationException($"Output \"{outputNames[index]}\" has no value yet. Bind it and run first.");
        }

        OrtApi api = environment.Api;
        OrtValue* value = handle.ValueAt(position);
        OrtTensorTypeAndShapeInfo* info;
        environment.Check(api.GetTensorTypeAndShape(value, &info), $"tell the shape of output \"{outputNames[index]}\"");
        try
        {
            ONNXTensorElementDataType type;
            nuint rank;
            void* data;
            environment.Check(api.GetTensorElementType(info, &type), "tell the type of an output");
            environment.Check(api.GetDimensionsCount(info, &rank), "tell the rank of an output");
            long[] shape = new long[(int)rank];
            fixed (long* dimensions = shape)
            {
                environment.Check(api.GetDimensions(info, dimensions, rank), "tell the shape of an output");
            }

            environment.Check(api.GetTensorMutableData(value, &data), "give the memory of an output");
            OrtElementType elements = (OrtElementType)type;
            return new OrtOutput((nint)data, elements.BytesOf(shape), elements, shape);
        }
        finally
        {
            api.ReleaseTensorTypeAndShapeInfo(info);
        }
    }

    /// <summary>Makes a run that is under way on another thread fail at its next operator; does nothing when there is none. Thread-safe.</summary>
    public void Terminate()
    {
        lock (gate)
        {
            if (running)
            {
                environment.Check(environment.Api.RunOptionsSetTerminate(handle.Options), "terminate a run");
                terminating = true;
            }
        }
    }

    /// <summary>Keeps what a managed kernel threw; the first counts.</summary>
    internal void KernelFailed(Exception error) => kernelError ??= error;

    /// <summary>Frees the binding; not while it runs.</summary>
    public void Dispose() => handle.Dispose();

    private void BindOutputMemory(int index, nint data, long bytes, OrtElementType type, ReadOnlySpan<long> shape)
    {
        OrtValue* value = environment.TensorOver(data, bytes, type, shape, outputNames[index]);
        OrtStatus* status = environment.Api.BindOutput(handle.Binding, (byte*)nativeOutputNames[index], value);
        environment.Api.ReleaseValue(value); // The binding has a reference of its own.
        environment.Check(status, "bind an output");
    }

    private void BindOutputAllocated(int index) =>
        environment.Check(environment.Api.BindOutputToDevice(handle.Binding, (byte*)nativeOutputNames[index], environment.HostMemory), "bind an output of unknown shape");

    private void Remember(int index)
    {
        if (!outputOrder.Contains(index))
        {
            outputOrder.Add(index);
        }
    }

    private void Release()
    {
        hasRun = false;
        handle.ForgetValues();
    }

    private void CheckIndex(int index, string[] names, string kind)
    {
        ObjectDisposedException.ThrowIf(handle.IsClosed, this);
        if ((uint)index >= (uint)names.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(index), index, $"The model has {names.Length} {kind}s ({string.Join(", ", names)}), counted from 0.");
        }
    }
}
