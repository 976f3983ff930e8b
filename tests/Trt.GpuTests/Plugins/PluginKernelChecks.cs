using System.Diagnostics;
using SamplePlugins;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>The sample's plugins without a library: each is told to run on a stream, as TensorRT tells it, and compared with arithmetic.</summary>
internal sealed unsafe class PluginKernelChecks(Checks checks, Device device)
{
    public void Run()
    {
        foreach (DataType type in (DataType[])[DataType.Float, DataType.Half])
        {
            foreach ((long[] shape, int[] pads) in ((long[], int[])[])[([1, 1, 1, 1], [3, 2, 1, 0]), ([3, 4], [1, 9]), ([2, 3, 32, 33], [5, 0, 7, 40]), ([100, 2, 32, 32], [1, 2, 3, 4])])
            {
                checks.That($"circular padding of {new Dims(shape)} by {string.Join(", ", pads)}, {type}", () => Padding(new CircPadV3(pads, device), type, shape, pads) ?? Padding(new CircPadV2(pads, device), type, shape, pads));
            }

            foreach ((long[] shape, int axis) in ((long[], int)[])[([1], 0), ([7, 1000], 1), ([5, 33, 9], 1), ([4, 3, 2], -3)])
            {
                checks.That($"hardmax of {new Dims(shape)} along axis {axis}, {type}", () => Greatest(new HardmaxV3(axis, device), type, shape, axis) ?? Greatest(new HardmaxV2(axis, device), type, shape, axis));
            }

            foreach ((long rows, long columns) in ((long, long)[])[(1, 1), (3, 4), (31, 33), (1024, 1), (700, 301)])
            {
                checks.That($"places that are not 0 of {rows} x {columns}, {type}", () => Places(type, rows, columns, true) ?? Places(type, rows, columns, false));
            }
        }

        checks.That("plugins allocate nothing", Allocations);
        checks.That("a graph records plugins", Graph);
    }

    private static float Value(long i) => (i * 2654435761 % 97) switch
    {
        < 60 => 0,
        long rest => rest - 80,
    };

    private static byte[] Bytes(DataType type, IEnumerable<float> values) => type == DataType.Half
        ? [.. values.SelectMany(value => BitConverter.GetBytes((Half)value))]
        : [.. values.SelectMany(BitConverter.GetBytes)];

    private static string? Same(byte[] actual, byte[] expected)
    {
        int at = actual.AsSpan().CommonPrefixLength(expected);
        return at == expected.Length && actual.Length == expected.Length ? null : $"byte {at} of {actual.Length} differs; {expected.Length} were expected";
    }

    private static int Call(PluginV3 plugin, PluginTensorDesc* from, PluginTensorDesc* to, nint* inputs, nint* outputs, nint workspace, nint stream) =>
        plugin.Enqueue(new(from), new(to), new(inputs), new(outputs), workspace, stream);

    private static int Call(PluginV2DynamicExt plugin, PluginTensorDesc* from, PluginTensorDesc* to, nint* inputs, nint* outputs, nint workspace, nint stream) =>
        plugin.Enqueue(new(from), new(to), new(inputs), new(outputs), workspace, stream);

    /// <summary>Runs either kind of plugin with one input.</summary>
    private static void Enqueue(object plugin, PluginTensorDesc from, PluginTensorDesc to, nint input, ReadOnlySpan<nint> results, nint workspace, nint stream)
    {
        nint* outputs = stackalloc nint[2];
        results.CopyTo(new Span<nint>(outputs, 2));
        int status = plugin is PluginV3 third ? Call(third, &from, &to, &input, outputs, workspace, stream) : Call((PluginV2DynamicExt)plugin, &from, &to, &input, outputs, workspace, stream);
        if (status != 0)
        {
            throw new InvalidOperationException($"enqueue answered {status}.");
        }
    }

    private static PluginTensorDesc Describe(DataType type, ReadOnlySpan<long> shape) => new() { Type = type, Dims = new Dims(shape), Format = TensorFormat.Linear, Scale = 1 };

    private string? Padding(object plugin, DataType type, long[] shape, int[] pads)
    {
        using TwinRun run = new(device);
        long[] padded = [.. shape];
        padded[^1] += pads[0] + pads[1];
        padded[^2] += pads.Length > 2 ? pads[2] + pads[3] : 0;
        (long height, long width, long newHeight, long newWidth) = (shape[^2], shape[^1], padded[^2], padded[^1]);
        long count = new Dims(shape).Volume, newCount = new Dims(padded).Volume;
        DeviceMemory<byte> input = run.Up(Bytes(type, Enumerable.Range(0, (int)count).Select(i => (float)(i % 2000))));
        DeviceMemory<byte> output = run.Room<byte>(newCount * (type == DataType.Half ? 2 : 4));
        Enqueue(plugin, Describe(type, shape), Describe(type, padded), input.Pointer, [output.Pointer], 0, run.Stream);
        IEnumerable<float> expected = Enumerable.Range(0, (int)newCount).Select(i =>
        {
            long x = ((i % newWidth) - pads[0] + (width * 1000)) % width;
            long y = ((i / newWidth % newHeight) - (pads.Length > 2 ? pads[2] : 0) + (height * 1000)) % height;
            return (float)(((((i / newWidth / newHeight) * height) + y) * width + x) % 2000);
        });
        return Same(run.Read(output), Bytes(type, expected));
    }

    private string? Greatest(object plugin, DataType type, long[] shape, int axis)
    {
        using TwinRun run = new(device);
        int along = axis < 0 ? axis + shape.Length : axis;
        long count = new Dims(shape).Volume, extent = shape[along], inner = new Dims(shape.AsSpan(along + 1)).Volume;
        float[] values = [.. Enumerable.Range(0, (int)count).Select(i => Value(i))];
        float[] expected = new float[count];
        for (long line = 0; line < count / extent; line++)
        {
            long start = (line / inner * extent * inner) + (line % inner);
            long best = Enumerable.Range(0, (int)extent).Select(i => start + (i * inner)).MaxBy(at => values[at]); // the first of equal ones
            expected[best] = 1;
        }

        DeviceMemory<byte> input = run.Up(Bytes(type, values)), output = run.Room<byte>(input.Length);
        Enqueue(plugin, Describe(type, shape), Describe(type, shape), input.Pointer, [output.Pointer], 0, run.Stream);
        return Same(run.Read(output), Bytes(type, expected));
    }

    private string? Places(DataType type, long rows, long columns, bool byRow)
    {
        using TwinRun run = new(device);
        NonZeroPlugin plugin = new(byRow, device);
        int count = (int)(rows * columns);
        float[] values = [.. Enumerable.Range(0, count).Select(i => Value(i))];
        int[] found = [.. Enumerable.Range(0, count).Where(i => values[i] != 0)];
        int[] expected = byRow ? [.. found.SelectMany(i => (int[])[(int)(i / columns), (int)(i % columns)])] : [.. found.Select(i => (int)(i / columns)), .. found.Select(i => (int)(i % columns))];
        DeviceMemory<byte> input = run.Up(Bytes(type, values));
        DeviceMemory<int> indices = run.Room<int>(2 * count);
        DeviceMemory<long> number = run.Room<long>(1);
        PluginTensorDesc from = Describe(type, [rows, columns]), to = Describe(DataType.Int32, [-1, 2]);
        DynamicPluginTensorDesc described = new() { Desc = from, Min = from.Dims, Opt = from.Dims, Max = from.Dims };
        DeviceMemory<byte> workspace = run.Room<byte>((long)plugin.GetWorkspaceSize([described], []));
        Enqueue(plugin, from, to, input.Pointer, [indices.Pointer, number.Pointer], workspace.Pointer, run.Stream);
        long told = run.Read(number)[0];
        return told != found.Length ? $"it counts {told}, expected {found.Length}" : indices.ToArray().AsSpan(0, expected.Length).SequenceEqual(expected) ? null : "the places differ";
    }

    private string? Allocations()
    {
        using TwinRun run = new(device);
        DeviceMemory<float> input = run.Up(new float[64 * 64]), output = run.Room<float>(66 * 66);
        DeviceMemory<int> indices = run.Room<int>(2 * 64 * 64), workspace = run.Room<int>(64);
        DeviceMemory<long> count = run.Room<long>(1);
        object[] plugins = [new CircPadV3([1, 1, 1, 1], device), new CircPadV2([1, 1, 1, 1], device), new HardmaxV3(1, device), new HardmaxV2(1, device), new NonZeroPlugin(true, device)];
        PluginTensorDesc from = Describe(DataType.Float, [64, 64]), to = Describe(DataType.Float, [66, 66]);
        foreach (object plugin in plugins)
        {
            ReadOnlySpan<nint> results = plugin is NonZeroPlugin ? [indices.Pointer, count.Pointer] : [output.Pointer];
            Enqueue(plugin, from, to, input.Pointer, results, workspace.Pointer, run.Stream);
            run.Stream.Synchronize();
            long bytes = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < 200; i++)
            {
                Enqueue(plugin, from, to, input.Pointer, results, workspace.Pointer, run.Stream);
            }

            double queued = Stopwatch.GetElapsedTime(start).TotalMicroseconds / 200;
            bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
            run.Stream.Synchronize();
            checks.Measure($"{plugin.GetType().Name}, enqueue", queued, "us");
            checks.Measure($"{plugin.GetType().Name}, allocated", bytes, "B", 0);
        }

        return null;
    }

    private string? Graph()
    {
        using TwinRun run = new(device);
        HardmaxV3 plugin = new(0, device);
        DeviceMemory<float> input = run.Up<float>([1, 3, 2]), output = run.Room<float>(3);
        PluginTensorDesc shape = Describe(DataType.Float, [3]);
        Enqueue(plugin, shape, shape, input.Pointer, [output.Pointer], 0, run.Stream);
        run.Stream.Synchronize();
        run.Stream.BeginCapture();
        Enqueue(plugin, shape, shape, input.Pointer, [output.Pointer], 0, run.Stream);
        using CudaGraph graph = run.Stream.EndCapture();
        using CudaGraphExec launch = graph.Instantiate();
        input.CopyFrom([5, 3, 2]);
        output.Clear();
        launch.Launch(run.Stream);
        return run.Read(output) is [1, 0, 0] ? null : "the graph's answer is wrong";
    }
}
