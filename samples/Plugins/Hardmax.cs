using Trt.Interop;
using Trt.Interop.Cuda;

namespace SamplePlugins;

/// <summary>1 at the greatest value of each line along an axis, the first of equal ones, and 0 elsewhere, as ONNX's Hardmax: what both plugins of that name do. Not-a-number counts as greater than all numbers.</summary>
/// <param name="axis">The axis; negative ones count from the last.</param>
/// <param name="device">Where it computes.</param>
internal sealed unsafe class Hardmax(int axis, Device device)
{
    public const string Name = "CustomHardmax"; // as in TensorRT's own samples: ONNX has an operator of the shorter name

    public int Axis => axis;

    public PluginPlace Place { get; } = new(device);

    /// <summary>Queues the work; allocates nothing.</summary>
    public int Enqueue(in PluginTensorDesc from, nint input, nint output, nint stream)
    {
        Dims dims = from.Dims;
        int along = axis < 0 ? axis + dims.NbDims : axis;
        if (along < 0 || along >= dims.NbDims)
        {
            return 1;
        }

        int extent = (int)dims[along], inner = 1;
        for (int i = along + 1; i < dims.NbDims; i++)
        {
            inner *= (int)dims[i];
        }

        if (dims.Volume == 0)
        {
            return 0;
        }

        long lines = dims.Volume / extent;
        bool isHalf = from.Type == DataType.Half;
        if (Place.IsHost)
        {
            if (isHalf)
            {
                Place.RunOnHost(stream, new Work<Half>(input, output, lines, extent, inner));
            }
            else
            {
                Place.RunOnHost(stream, new Work<float>(input, output, lines, extent, inner));
            }

            return 0;
        }

        KernelArguments arguments = new(stackalloc byte[64]);
        arguments.Add(input);
        arguments.Add(output);
        arguments.Add(lines);
        arguments.Add(extent);
        arguments.Add(inner);
        PluginKernels kernels = Place.Kernels();
        (isHalf ? kernels.HardmaxHalf : kernels.HardmaxFloat).Launch(Place.Stream(stream), (uint)Math.Min((lines + 127) / 128, 8192), 128, arguments);
        return 0;
    }

    private readonly struct Work<T>(nint from, nint to, long lines, int extent, int inner) : IHostWork
        where T : unmanaged, System.Numerics.INumber<T>
    {
        public void Run()
        {
            for (long line = 0; line < lines; line++)
            {
                long start = (line / inner * extent * inner) + (line % inner);
                T* scores = (T*)from + start;
                T* result = (T*)to + start;
                int best = 0;
                for (int i = 1; i < extent && !T.IsNaN(scores[(long)best * inner]); i++)
                {
                    T score = scores[(long)i * inner];
                    best = score > scores[(long)best * inner] || T.IsNaN(score) ? i : best;
                }

                for (int i = 0; i < extent; i++)
                {
                    result[(long)i * inner] = i == best ? T.One : T.Zero;
                }
            }
        }
    }
}
