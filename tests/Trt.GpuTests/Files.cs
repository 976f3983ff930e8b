using System.Runtime.InteropServices;
using Trt.Interop;
using Trt.Utils;

namespace Trt.GpuTests;

/// <summary>The files that the checks read.</summary>
internal sealed class Files(string libraries, string plans, string models)
{
    public string Lean(int major) => Path.Combine(libraries, $"libnvinfer_lean.so.{major}");

    public byte[] Plan(string name) => File.ReadAllBytes(Path.Combine(plans, name + ".plan"));

    public NpzFile Answers(string plan) => NpzFile.Open(Path.Combine(plans, plan + ".npz"));

    /// <summary>What a plan was run with: set 0, or set 1, which is the first image alone.</summary>
    public Dictionary<string, HostTensor> Inputs(string plan, int set)
    {
        string model = plan.Split('.')[0];
        if (model == "nonzero")
        {
            // neg is −x, so the answers tell the input.
            using NpzFile answers = Answers(plan);
            NpzArray negated = answers[$"set{set}.neg"];
            float[] x = [.. negated.ToArray<float>().Select(value => -value)];
            return new() { ["x"] = new HostTensor(new Dims(negated.Shape.AsSpan()), DataType.Float, MemoryMarshal.AsBytes(x.AsSpan()).ToArray()) };
        }

        (string input, string array, int most) = model switch
        {
            "lenet" => ("data", "data", 20),
            "unet" => ("image", "image", int.MaxValue),
            "charrnn" => ("tokens", "tokens", int.MaxValue),
            "shapes_retinanet" => ("input_1", "a_input_1", int.MaxValue),
            _ => throw new ArgumentException($"Nothing is known of the inputs of {plan}."),
        };
        using NpzFile golden = NpzFile.Open(Path.Combine(models, model + "_golden.npz"));
        NpzArray values = golden[array];
        long[] shape = [.. values.Shape];
        long rows = set == 1 ? 1 : Math.Min(most, shape[0]);
        int row = values.Bytes.Length / (int)shape[0];
        shape[0] = rows;
        return new() { [input] = new HostTensor(new Dims(shape), values.DType == NpzDType.Int64 ? DataType.Int64 : DataType.Float, values.Bytes[..(int)(rows * row)].ToArray()) };
    }
}
