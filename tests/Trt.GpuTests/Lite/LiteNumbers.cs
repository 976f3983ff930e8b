using System.Runtime.InteropServices;
using Trt.Lite;
using Trt.Utils;

namespace Trt.GpuTests;

/// <summary>A plan's recorded input as a caller of Lite has it, and room for its outputs.</summary>
internal sealed class LiteNumbers
{
    private readonly ReadOnlyMemory<float>[] floats;
    private readonly ReadOnlyMemory<int>[] integers;
    private readonly Memory<float>[] outputs;
    private readonly float[][] expected;
    private readonly int repeats;

    /// <param name="engine">The engine, for the order of its outputs.</param>
    /// <param name="input">The values of one run.</param>
    /// <param name="answers">What the run gives.</param>
    /// <param name="set">The recorded set.</param>
    /// <param name="repeats">How often the values follow one another.</param>
    public LiteNumbers(Engine engine, HostTensor input, NpzFile answers, string set, int repeats)
    {
        this.repeats = repeats;
        byte[] one = input.As(engine.Inputs[0].DataType);
        byte[] all = [.. Enumerable.Repeat(one, repeats).SelectMany(bytes => bytes)];
        bool isFloat = engine.Inputs[0].DataType == Interop.DataType.Float;
        floats = isFloat ? [MemoryMarshal.Cast<byte, float>(all).ToArray()] : [];
        integers = isFloat ? [] : [MemoryMarshal.Cast<byte, int>(all).ToArray()];
        expected = [.. engine.Outputs.Select(output => answers[$"{set}.{output.Name}"].ToFloat32())];
        outputs = [.. expected.Select(values => (Memory<float>)new float[values.Length * repeats])];
    }

    public ReadOnlySpan<float> Floats => floats[0].Span;

    public ReadOnlySpan<int> Integers => integers[0].Span;

    /// <summary>Bytes of all inputs.</summary>
    public ReadOnlySpan<byte> InputBytes => floats.Length > 0 ? MemoryMarshal.AsBytes(floats[0].Span) : MemoryMarshal.AsBytes(integers[0].Span);

    /// <summary>Runs everything in one call.</summary>
    /// <returns>How many samples there were.</returns>
    public int Infer(Engine engine) => floats.Length > 0 ? engine.Infer<float, float>(floats, outputs) : engine.Infer<int, float>(integers, outputs);

    /// <summary>Forgets the outputs.</summary>
    public void Clear() => Array.ForEach(outputs, output => output.Span.Fill(float.NaN));

    /// <summary>What differs from the recorded answers, or null.</summary>
    /// <param name="most">The largest difference that is allowed; 0: bit for bit.</param>
    public string? Difference(float most = 0)
    {
        for (int i = 0; i < outputs.Length; i++)
        {
            for (int k = 0; k < outputs[i].Length; k++)
            {
                float found = outputs[i].Span[k];
                float wanted = expected[i][k % expected[i].Length];
                if (most == 0 ? BitConverter.SingleToInt32Bits(found) != BitConverter.SingleToInt32Bits(wanted) : !(Math.Abs(found - wanted) <= most))
                {
                    return $"output {i}, value {k} of {outputs[i].Length} ({repeats} times {expected[i].Length}) is {found:R}, expected {wanted:R}";
                }
            }
        }

        return null;
    }
}
