using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests.Running;

/// <summary>Plans written to a stream and read from one, whole, in crumbs, cut off, or by a reader that fails.</summary>
public class PlanStreamTests
{
    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(7)]
    public void ReaderMayGiveAsLittleAsItLikes(int most)
    {
        using TestEngine test = new();
        byte[] plan = test.DynamicRelu();
        using ICudaEngine first = test.Runtime.DeserializeCudaEngine(new Reader(plan, most));
        using ICudaEngine second = test.Runtime.DeserializeCudaEngine(new ReaderV2(plan, most));
        Assert.Equal<Dims>([-1, 3], first.GetTensorShape("x"));
        Assert.Equal<Dims>([-1, 3], second.GetTensorShape("y"));
    }

    [Fact]
    public void ReaderIsNotAskedPastThePlan()
    {
        using TestEngine test = new();
        byte[] plan = test.DynamicRelu();
        Reader reader = new([.. plan, 1, 2, 3], int.MaxValue);
        test.Own(test.Runtime.DeserializeCudaEngine(reader));
        Assert.Equal(plan.Length, reader.At);
    }

    [Fact]
    public void WrongStreamsAreRefused()
    {
        using TestEngine test = new();
        byte[] plan = test.DynamicRelu();
        string Refused(byte[] bytes) => Assert.Throws<TensorRtException>(() => test.Runtime.DeserializeCudaEngine(new Reader(bytes, int.MaxValue))).Message;
        Assert.Contains("cut off", Refused(plan[..^1]), StringComparison.Ordinal);
        Assert.Contains("cut off", Refused(plan[..60]), StringComparison.Ordinal);
        Assert.Contains("do not begin like a plan", Refused([]), StringComparison.Ordinal);
        Assert.Contains("do not begin like a plan", Refused(new byte[1000]), StringComparison.Ordinal);
        Assert.Contains("for a GPU", Refused([.. "ftrt"u8, .. new byte[100]]), StringComparison.Ordinal);
        plan[22] = 0x7f;
        Refused(plan);
        TensorRtException thrown = Assert.Throws<TensorRtException>(() => test.Runtime.DeserializeCudaEngine(new Reader(plan, 0)));
        Assert.IsType<InvalidTimeZoneException>(TestLibrary.Cause(thrown));
    }

    [Fact]
    public void WriterGetsThePlanAndMayStopIt()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        ITensor x = network.AddInput("x", DataType.Float, [1000]);
        ITensor y = network.AddElementWise(x, network.AddConstant([1000], Weights.From(new float[1000])).GetOutput(0), ElementWiseOperation.Sum).GetOutput(0);
        y.Name = "y";
        network.MarkOutput(y);
        using IBuilderConfig config = test.Builder.CreateBuilderConfig();
        Writer writer = new(long.MaxValue);
        test.Builder.BuildSerializedNetworkToStream(network, config, writer);
        Assert.Equal(test.Plan(network), writer.Bytes.ToArray());
        Assert.Contains("took 0 of", Assert.Throws<TensorRtException>(() => test.Builder.BuildSerializedNetworkToStream(network, config, new Writer(0))).Message, StringComparison.Ordinal);
    }

    private sealed class Reader(byte[] bytes, int most) : IStreamReader
    {
        public int At { get; private set; }

        public long Read(Span<byte> destination)
        {
            int count = most > 0 ? Math.Min(Math.Min(destination.Length, most), bytes.Length - At) : throw new InvalidTimeZoneException();
            bytes.AsSpan(At, count).CopyTo(destination);
            At += count;
            return count;
        }
    }

    private sealed class ReaderV2(byte[] bytes, int most) : IStreamReaderV2
    {
        private long at;

        public long Read(nint destination, long nbBytes, nint stream)
        {
            int count = (int)Math.Min(Math.Min(nbBytes, most), bytes.Length - at);
            System.Runtime.InteropServices.Marshal.Copy(bytes, (int)at, destination, count);
            at += count;
            return count;
        }

        public bool Seek(long offset, SeekPosition where)
        {
            at = where switch { SeekPosition.Set => offset, SeekPosition.Cur => at + offset, _ => bytes.Length + offset };
            return true;
        }
    }

    private sealed class Writer(long limit) : IStreamWriter
    {
        public MemoryStream Bytes { get; } = new();

        public long Write(ReadOnlySpan<byte> data)
        {
            if (Bytes.Length + data.Length > limit)
            {
                return 0;
            }

            Bytes.Write(data);
            return data.Length;
        }
    }
}
