namespace Trt.Cpu;

/// <summary>For numbers that need no input.</summary>
internal sealed class NoInputs : IDimSource
{
    private NoInputs()
    {
    }

    public static NoInputs Instance { get; } = new();

    public long Extent(int input, int axis) => throw new InvalidOperationException($"Extent {axis} of input {input} is not known.");

    public long Value(int input, int element) => throw new InvalidOperationException($"Value {element} of input {input} is not known.");
}
