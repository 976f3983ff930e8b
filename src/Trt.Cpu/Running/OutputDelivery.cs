using Trt.Cpu.OnnxRuntime;
using Trt.Interop;

namespace Trt.Cpu;

/// <summary>How a run hands on an output whose shape it finds.</summary>
/// <param name="Address">Where it goes; not used when there is something to allocate with.</param>
/// <param name="Limit">Bytes that the address has room for.</param>
/// <param name="Allocate">Gives memory of so many bytes.</param>
/// <param name="Notify">Tells the shape.</param>
internal sealed record OutputDelivery(nint Address, long Limit, Func<long, nint>? Allocate, Action<Dims>? Notify)
{
    /// <summary>Copies the output and tells its shape.</summary>
    /// <exception cref="Refusal">It does not fit.</exception>
    public unsafe void Take(string name, OrtOutput output)
    {
        Dims dims = new(output.Shape);
        if (Allocate is null && output.Bytes > Limit)
        {
            throw Refusal.Internal($"output {name} has shape {Extents.Text(dims)}, more than the {Limit} bytes that it was thought to need at most.");
        }

        nint address = Allocate is null ? Address : Allocate(output.Bytes);
        if (output.Bytes > 0)
        {
            Buffer.MemoryCopy((void*)output.Data, (void*)address, output.Bytes, output.Bytes);
        }

        Notify?.Invoke(dims);
    }
}
