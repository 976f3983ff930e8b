using System.Buffers.Binary;
using Trt.Interop.Tests.Libraries;
using Xunit;

namespace Trt.Interop.Tests.Rtx;

/// <summary>A stream writer in C# receives the plan.</summary>
[Collection(RtxCollection.Name)]
public sealed class StreamWriterTests
{
    [SkippableFact]
    public void Writer_gets_the_whole_plan_in_one_call()
    {
        using SmallNetwork small = new(RtxLibrary.LoadGoldenRelease());
        Writer writer = new(length => length);

        small.Builder.BuildSerializedNetworkToStream(small.Network, small.Config, writer);

        byte[] plan = Assert.Single(writer.Calls);
        Assert.Equal("vtrt"u8, plan.AsSpan(0, 4));
        Assert.Equal((ulong)plan.Length, BinaryPrimitives.ReadUInt64LittleEndian(plan.AsSpan(16)));
        Assert.Equal([1, 6, 1, 0x78], plan[24..28]);
    }

    [SkippableTheory]
    [InlineData("stream_writer_half", 0.5)]
    [InlineData("stream_writer_zero", 0)]
    [InlineData("stream_writer_minus_one", -1)]
    public void What_the_writer_answers_is_the_librarys_business(string scenario, double part)
    {
        Assert.True(CallbackGoldens.Facts(scenario).GetProperty("result").GetBoolean());
        using SmallNetwork small = new(RtxLibrary.LoadGoldenRelease());
        Writer writer = new(length => part < 0 ? -1 : (long)(length * part));

        small.Builder.BuildSerializedNetworkToStream(small.Network, small.Config, writer);

        Assert.Equal(CallbackGoldens.Facts(scenario).GetProperty("nb_calls").GetInt32(), writer.Calls.Count);
    }

    private sealed class Writer(Func<long, long> answer) : IStreamWriter
    {
        public List<byte[]> Calls { get; } = [];

        public long Write(ReadOnlySpan<byte> data)
        {
            Calls.Add(data.ToArray());
            return answer(data.Length);
        }
    }
}
