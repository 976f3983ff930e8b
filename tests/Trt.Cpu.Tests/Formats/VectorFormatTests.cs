using System.Runtime.InteropServices;
using Trt.Interop;
using Trt.Interop.Cuda;
using Xunit;

namespace Trt.Cpu.Tests.Formats;

/// <summary>Inputs and outputs in vector formats: every element where NVIDIA's header says it is, fill of the last vector zero, and what engine and context tell.</summary>
public class VectorFormatTests
{
    public static TheoryData<TensorFormat, DataType, int> Formats => new()
    {
        { TensorFormat.CHW2, DataType.Half, 3 },
        { TensorFormat.CHW2, DataType.BF16, 4 },
        { TensorFormat.HWC8, DataType.Half, 8 },
        { TensorFormat.HWC8, DataType.BF16, 11 },
        { TensorFormat.CHW4, DataType.Int8, 3 },
        { TensorFormat.CHW16, DataType.Half, 17 },
        { TensorFormat.CHW32, DataType.Float, 33 },
        { TensorFormat.CHW32, DataType.Int8, 32 },
        { TensorFormat.DHWC8, DataType.Half, 3 },
        { TensorFormat.CDHW32, DataType.Int8, 5 },
        { TensorFormat.HWC, DataType.Float, 3 },
        { TensorFormat.HWC16, DataType.Half, 3 },
        { TensorFormat.DHWC, DataType.Float, 3 },
    };

    [Theory]
    [MemberData(nameof(Formats))]
    public void ElementsLieWhereTheFormatSays(TensorFormat format, DataType type, int channels)
    {
        bool volumes = format is TensorFormat.DHWC8 or TensorFormat.CDHW32 or TensorFormat.DHWC;
        long[] dims = volumes ? [2, channels, 2, 3, 4] : [2, channels, 3, 4];
        using TestEngine test = new();
        using ICudaEngine engine = test.Load(Plan(test, format, type, new Dims(dims)));
        using IExecutionContext context = engine.CreateExecutionContext();
        int size = type switch { DataType.Float => 4, DataType.Int8 => 1, _ => 2 };
        (int width, bool last) = Facts(format);
        int padded = (channels + width - 1) / width * width;
        int count = (int)(dims.Aggregate(1L, (product, extent) => product * extent) / channels * padded);
        byte[] rows = new byte[dims.Aggregate(1L, (product, extent) => product * extent) * size];
        for (int i = 0; i < rows.Length / size; i++)
        {
            // Any bits that a copy must keep; those of 16-bit types are small whole numbers.
            byte[] bits = type switch
            {
                DataType.Float => BitConverter.GetBytes((float)i),
                DataType.Half => BitConverter.GetBytes((Half)(i % 2000)),
                DataType.BF16 => BitConverter.GetBytes((float)(i % 250))[2..],
                _ => [(byte)(i % 128)],
            };
            bits.CopyTo(rows, i * size);
        }

        byte[] expected = new byte[count * size];
        long[] position = new long[dims.Length];
        for (int i = 0; i < rows.Length / size; i++)
        {
            long rest = i;
            for (int axis = dims.Length - 1; axis >= 0; axis--)
            {
                position[axis] = rest % dims[axis];
                rest /= dims[axis];
            }

            rows.AsSpan(i * size, size).CopyTo(expected.AsSpan((int)Offset(position, dims, padded, width, last) * size));
        }

        // There and back: x in the format becomes rows, z in rows becomes the format.
        using PinnedBuffers memory = new();
        byte[] y = new byte[rows.Length];
        byte[] w = new byte[expected.Length];
        Array.Fill(w, (byte)0xff);
        context.SetTensorAddress("x", memory.Add(expected));
        context.SetTensorAddress("y", memory.Add(y));
        context.SetTensorAddress("z", memory.Add(rows));
        context.SetTensorAddress("w", memory.Add(w));
        context.EnqueueV3(0);
        TestDevice.Synchronize();
        Assert.Equal(rows, y);
        Assert.Equal(expected, w);

        Assert.Equal(format, engine.GetTensorFormat("x"));
        Assert.Equal(TensorFormat.Linear, engine.GetTensorFormat("y"));
        Assert.Equal(width > 1 ? 1 : -1, engine.GetTensorVectorizedDim("x"));
        Assert.Equal(width > 1 ? width : -1, engine.GetTensorComponentsPerElement("w"));
        Assert.Equal(width > 1 ? size : 0, engine.GetTensorBytesPerComponent("x", 0));
        Assert.Equal((expected.Length + 511) / 512 * 512, (context.GetMaxOutputSize("w") + 511) / 512 * 512);

        // An element one step further on an axis lies its stride in vectors further.
        Dims strides = context.GetTensorStrides("x");
        Array.Clear(position);
        for (int axis = 0; axis < dims.Length; axis++)
        {
            position[axis] = axis == 1 ? Math.Min(width, channels - 1) : 1;
            long step = Offset(position, dims, padded, width, last);
            position[axis] = 0;
            if (axis != 1 || width < channels)
            {
                Assert.Equal(step / width, strides[axis]);
            }
        }
    }

    [Fact]
    public void TextsAreTensorRts()
    {
        using TestEngine test = new();
        using ICudaEngine engine = test.Load(Plan(test, TensorFormat.HWC8, DataType.Half, [1, 8, 4, 4]));
        Assert.Equal("Eight channel FP16 format (kHWC8) where C is padded to a multiple of 8", engine.GetTensorFormatDesc("x"));
        Assert.Equal("Row major linear FP16 format (kLINEAR)", engine.GetTensorFormatDesc("y"));
    }

    [Fact]
    public void SpatialExtentsMayBeDynamic()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        ITensor x = network.AddInput("x", DataType.Half, [-1, 3, -1, -1]);
        x.AllowedFormats = [TensorFormat.CHW2];
        ITensor y = network.AddIdentity(x).GetOutput(0);
        y.Name = "y";
        network.MarkOutput(y);
        y.AllowedFormats = [TensorFormat.CHW32];
        using ICudaEngine engine = test.Load(test.Plan(network, config =>
        {
            IOptimizationProfile profile = test.Builder.CreateOptimizationProfile();
            profile.SetDimensions("x", OptProfileSelector.Min, [1, 3, 1, 1]);
            profile.SetDimensions("x", OptProfileSelector.Opt, [1, 3, 2, 2]);
            profile.SetDimensions("x", OptProfileSelector.Max, [4, 3, 8, 8]);
            config.AddOptimizationProfile(profile);
        }));
        using IExecutionContext context = engine.CreateExecutionContext();
        Assert.Equal(-1, context.GetTensorStrides("x").NbDims);
        context.SetInputShape("x", [2, 3, 1, 2]);
        Assert.Equal<Dims>([4, 2, 2, 1], context.GetTensorStrides("x"));

        // [n][c / 2][h][w][c % 2], the fourth channel being fill that nobody reads.
        Half[] input = [.. ((double[])[1, 2, 3, 4, 5, -1, 6, -1, 7, 8, 9, 10, 11, -1, 12, -1]).Select(value => (Half)value)];
        float[] output = new float[2 * 2 * 32];
        using PinnedBuffers memory = new();
        context.SetTensorAddress("x", memory.Add(MemoryMarshal.AsBytes<Half>(input).ToArray()));
        context.SetTensorAddress("y", memory.Add(output));
        context.EnqueueV3(0);
        TestDevice.Synchronize();
        float[] expected = new float[output.Length];
        ((float[])[1, 2, 5]).CopyTo(expected, 0);
        ((float[])[3, 4, 6]).CopyTo(expected, 32);
        ((float[])[7, 8, 11]).CopyTo(expected, 64);
        ((float[])[9, 10, 12]).CopyTo(expected, 96);
        Assert.Equal(expected, output);
    }

    [Theory]
    [InlineData(TensorFormat.HWC8, DataType.Float, "Error Code 3: API Usage Error (image: has dataType Float unsupported by tensor's allowed TensorFormats")]
    [InlineData(TensorFormat.DHWC, DataType.Float, "Error Code 4: API Usage Error (No TensorFormats available for tensor image: kDHWC needs at least 4 dimensions")]
    [InlineData(TensorFormat.DLALinear, DataType.Half, "formats of the DLA")]
    public void ImpossibleFormatsAreRefusedByTensor(TensorFormat format, DataType type, string words)
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network(NetworkDefinitionCreationFlag.StronglyTyped);
        ITensor x = network.AddInput("image", type, [3, 4, 4]);
        x.AllowedFormats = [format];
        ITensor y = network.AddIdentity(x).GetOutput(0);
        network.MarkOutput(y);
        string message = Assert.Throws<TensorRtException>(() => test.Plan(network)).Message;
        Assert.Contains("image", message, StringComparison.Ordinal);
        Assert.Contains(words, message, StringComparison.Ordinal);
        x.AllowedFormats = [format, TensorFormat.Linear];
        Assert.Equal(TensorFormat.Linear, test.Load(test.Plan(network)).GetTensorFormat("image"));
    }

    private static (int Width, bool ChannelsLast) Facts(TensorFormat format) => format switch
    {
        TensorFormat.CHW2 => (2, false),
        TensorFormat.CHW4 => (4, false),
        TensorFormat.CHW16 => (16, false),
        TensorFormat.CHW32 or TensorFormat.CDHW32 => (32, false),
        TensorFormat.HWC8 or TensorFormat.DHWC8 => (8, true),
        TensorFormat.HWC16 => (16, true),
        _ => (1, true),
    };

    /// <summary>[n][..][c] with channels padded, or [n][c / v][..][c % v].</summary>
    private static long Offset(long[] position, long[] dims, int padded, int width, bool channelsLast)
    {
        long offset = position[0];
        offset = channelsLast ? offset : (offset * (padded / width)) + (position[1] / width);
        for (int axis = 2; axis < dims.Length; axis++)
        {
            offset = (offset * dims[axis]) + position[axis];
        }

        return channelsLast ? (offset * padded) + position[1] : (offset * width) + (position[1] % width);
    }

    private static byte[] Plan(TestEngine test, TensorFormat format, DataType type, Dims dims)
    {
        INetworkDefinition network = test.Network(NetworkDefinitionCreationFlag.StronglyTyped);
        foreach ((string from, string to) in (IEnumerable<(string, string)>)[("x", "y"), ("z", "w")])
        {
            ITensor input = network.AddInput(from, type, dims);
            ITensor output = network.AddIdentity(input).GetOutput(0);
            output.Name = to;
            network.MarkOutput(output);
            (from == "x" ? input : output).AllowedFormats = [format];
        }

        return test.Plan(network);
    }
}
