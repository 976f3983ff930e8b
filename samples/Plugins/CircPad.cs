using Trt.Interop;
using Trt.Interop.Cuda;

namespace SamplePlugins;

/// <summary>Circular padding, as <c>torch.nn.functional.pad(x, pads, mode="circular")</c>: what both plugins of that name do.</summary>
/// <remarks>Pads are left and right of the last axis, then, if there are four, above and below of the one before.</remarks>
internal sealed unsafe class CircPad
{
    public const string Name = "CircPadPlugin"; // as in TensorRT's own samples

    /// <param name="pads">Two or four numbers, none negative.</param>
    /// <param name="device">Where it computes.</param>
    public CircPad(int[] pads, Device device)
    {
        if (pads.Length is not (2 or 4) || pads.Any(pad => pad < 0))
        {
            throw new ArgumentException($"CircPad has pads {string.Join(", ", pads)}; two or four numbers are expected, none negative: left, right, top, bottom.");
        }

        Pads = pads;
        Place = new PluginPlace(device);
    }

    public int[] Pads { get; }

    public PluginPlace Place { get; }

    private int Left => Pads[0];

    private int Top => Pads.Length > 2 ? Pads[2] : 0;

    /// <summary>The input's shape with the pads added.</summary>
    public DimsExprs OutputShape(DimsExprs input, IExprBuilder builder)
    {
        IDimensionExpr[] output = [.. input];
        for (int i = 0; i < Pads.Length / 2; i++)
        {
            int axis = output.Length - 1 - i;
            output[axis] = builder.Operation(DimensionOperation.Sum, output[axis], builder.Constant(Pads[2 * i] + Pads[(2 * i) + 1])!)!;
        }

        return DimsExprs.Create(output);
    }

    /// <summary>Queues the padding; allocates nothing.</summary>
    public int Enqueue(in PluginTensorDesc from, in PluginTensorDesc to, nint input, nint output, nint stream)
    {
        Dims before = from.Dims, after = to.Dims;
        int rank = before.NbDims;
        if (rank < Pads.Length / 2)
        {
            return 1;
        }

        int width = (int)before[rank - 1], newWidth = (int)after[rank - 1];
        (int height, int newHeight) = rank > 1 ? ((int)before[rank - 2], (int)after[rank - 2]) : (1, 1);
        long total = after.Volume;
        bool isHalf = from.Type == DataType.Half;
        if (total == 0 || before.Volume == 0)
        {
            return 0;
        }

        if (Place.IsHost)
        {
            Place.RunOnHost(stream, new Work(input, output, isHalf ? 2 : 4, total / newWidth / newHeight, height, width, newHeight, newWidth, Top, Left));
            return 0;
        }

        KernelArguments arguments = new(stackalloc byte[64]);
        arguments.Add(input);
        arguments.Add(output);
        arguments.Add(total);
        arguments.Add(height);
        arguments.Add(width);
        arguments.Add(newHeight);
        arguments.Add(newWidth);
        arguments.Add(Top);
        arguments.Add(Left);
        PluginKernels kernels = Place.Kernels();
        (isHalf ? kernels.PadTwo : kernels.PadFour).Launch(Place.Stream(stream), (uint)Math.Min((total + 255) / 256, 8192), 256, arguments);
        return 0;
    }

    private readonly struct Work(nint from, nint to, int size, long planes, int height, int width, int newHeight, int newWidth, int top, int left) : IHostWork
    {
        public void Run()
        {
            byte* target = (byte*)to;
            for (long row = 0; row < planes * newHeight; row++)
            {
                byte* source = (byte*)from + (((row / newHeight * height) + Wrapped((int)(row % newHeight) - top, height)) * width * size);
                for (int x = 0; x < newWidth; x++, target += size)
                {
                    new ReadOnlySpan<byte>(source + (Wrapped(x - left, width) * size), size).CopyTo(new Span<byte>(target, size));
                }
            }
        }

        private static int Wrapped(int at, int extent) => ((at % extent) + extent) % extent;
    }
}
