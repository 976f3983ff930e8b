using Trt.Cpu.OnnxRuntime.Native;

namespace Trt.Cpu.OnnxRuntime;

/// <summary>One computation of a managed kernel: its inputs, and the memory of its outputs. Valid until the kernel returns.</summary>
internal readonly unsafe ref struct OrtKernelCall
{
    private readonly OrtEnvironment environment;
    private readonly IOrtKernel kernel;
    private readonly OrtKernelContext* context;

    public OrtKernelCall(OrtEnvironment environment, IOrtKernel kernel, OrtKernelContext* context, object? state)
    {
        this.environment = environment;
        this.kernel = kernel;
        this.context = context;
        State = state;
    }

    /// <summary>What <see cref="OrtBinding.State"/> was when the run began.</summary>
    public object? State { get; }

    /// <summary>Number of axes of an input.</summary>
    public int Rank(int input)
    {
        OrtTensorTypeAndShapeInfo* info = InfoOf(input, out _);
        nuint rank;
        OrtStatus* status = environment.Api.GetDimensionsCount(info, &rank);
        environment.Api.ReleaseTensorTypeAndShapeInfo(info);
        environment.Check(status, "tell the rank of a kernel's input");
        return (int)rank;
    }

    /// <summary>An input's address, and its extents written to <paramref name="shape"/>, of which it returns the used part.</summary>
    /// <param name="input">0 to the number of inputs less one.</param>
    /// <param name="shape">At least as long as the input has axes.</param>
    /// <param name="used">The extents.</param>
    public nint Input(int input, Span<long> shape, out Span<long> used)
    {
        OrtTensorTypeAndShapeInfo* info = InfoOf(input, out OrtValue* value);
        nuint rank;
        OrtStatus* status = environment.Api.GetDimensionsCount(info, &rank);
        if (status is null && (int)rank <= shape.Length)
        {
            fixed (long* dimensions = shape)
            {
                status = environment.Api.GetDimensions(info, dimensions, rank);
            }
        }

        environment.Api.ReleaseTensorTypeAndShapeInfo(info);
        environment.Check(status, "tell the shape of a kernel's input");
        if ((int)rank > shape.Length)
        {
            throw new ArgumentException($"Input {input} of {kernel.Name} has {rank} axes; there is room for {shape.Length}.", nameof(shape));
        }

        used = shape[..(int)rank];
        return Memory(value);
    }

    /// <summary>Makes an output of a shape and gives its address; every output must be made once.</summary>
    public nint Output(int output, ReadOnlySpan<long> shape)
    {
        OrtValue* value;
        fixed (long* dimensions = shape)
        {
            environment.Check(environment.Api.KernelContext_GetOutput(context, (nuint)output, dimensions, (nuint)shape.Length, &value), $"make output {output} of {kernel.Name}");
        }

        return Memory(value);
    }

    private OrtTensorTypeAndShapeInfo* InfoOf(int input, out OrtValue* value)
    {
        OrtValue* found;
        OrtTensorTypeAndShapeInfo* info;
        environment.Check(environment.Api.KernelContext_GetInput(context, (nuint)input, &found), $"give input {input} of {kernel.Name}");
        environment.Check(environment.Api.GetTensorTypeAndShape(found, &info), $"tell the shape of input {input} of {kernel.Name}");
        value = found;
        return info;
    }

    private nint Memory(OrtValue* value)
    {
        void* data;
        environment.Check(environment.Api.GetTensorMutableData(value, &data), $"give memory of {kernel.Name}");
        return (nint)data;
    }
}
