using System.Buffers.Binary;
using Trt.Cpu;
using Trt.Interop;
using Trt.Utils.Tests.Processes;
using Xunit;

namespace Trt.Utils.Tests.Engines;

[Collection(RtxCollection.Name)]
public sealed class PlanHeadTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [SkippableTheory]
    [InlineData("lenet.fp32", false)]
    [InlineData("lenet.vc_excl", false)]
    [InlineData("lenet.vc", true)]
    [InlineData("unet.vc_excl", false)]
    public void Plans_of_8_6_0(string name, bool lean)
    {
        string path = LeanFiles.Plan(name);

        PlanHead head = PlanHead.Read(path);

        Assert.Equal(PlanFormat.TensorRT, head.Format);
        Assert.Equal(new Version(8, 6, 0, 12), head.Release);
        Assert.Equal(new FileInfo(path).Length, head.Length);
        Assert.Equal(head.Length, head.ActualLength);
        Assert.Equal(lean, head.HasLeanRuntime);
        Assert.Equal(lean ? [PlanBlockKind.LeanRuntime, PlanBlockKind.Engine] : [PlanBlockKind.Engine], head.Blocks.Select(block => block.Kind));
        Assert.Equal(236, head.SerializationVersion);
        Assert.Equal([new Version(9, 0)], head.ComputeCapabilities); // built on an H200
        Assert.Null(head.Problem);
        if (lean)
        {
            // What the directory calls a lean runtime is the image of a shared library.
            using FileStream file = File.OpenRead(path);
            file.Position = head.Blocks[0].Offset;
            byte[] start = new byte[4];
            file.ReadExactly(start);
            Assert.Equal("\u007fELF"u8.ToArray(), start);
        }
    }

    [SkippableFact]
    public void All_ways_of_reading_agree()
    {
        foreach (string path in LeanFiles.Plans)
        {
            string expected = PlanHead.Read(path).ToString();
            Assert.Equal(expected, PlanHead.Read(File.ReadAllBytes(path)).ToString());
            using FileStream file = File.OpenRead(path);
            Assert.Equal(expected, PlanHead.Read(file).ToString());
            Assert.Equal(0, file.Position);
        }
    }

    [SkippableFact]
    public void Stream_that_cannot_seek_is_read_from_where_it_is()
    {
        byte[] plan = File.ReadAllBytes(LeanFiles.Plan("nonzero.vc_excl"));
        using MemoryStream inner = new(plan);
        using ForwardStream stream = new(inner);

        PlanHead head = PlanHead.Read(stream);

        Assert.Equal(new Version(8, 6, 0, 12), head.Release);
        Assert.Equal([new Version(9, 0)], head.ComputeCapabilities);
        Assert.Null(head.ActualLength);
        Assert.Equal(plan.Length, head.Length);
        Assert.True(inner.Position <= 1024);
    }

    public static TheoryData<ComputeCapability[], string[]> Targets => new()
    {
        { [ComputeCapability.SM75], ["7.5"] },
        { [ComputeCapability.SM80], ["8.0"] },
        { [ComputeCapability.SM86], ["8.6"] },
        { [ComputeCapability.SM89], ["8.9"] },
        { [ComputeCapability.SM120], ["12.0"] },
        { [ComputeCapability.SM121], ["12.1"] },
        { [ComputeCapability.SM86, ComputeCapability.SM89], ["8.6", "8.9"] },
        { [ComputeCapability.SM75, ComputeCapability.SM80, ComputeCapability.SM120], ["7.5", "8.0", "12.0"] },
    };

    [SkippableTheory]
    [MemberData(nameof(Targets))]
    public void Plans_of_TensorRT_RTX_tell_their_targets(ComputeCapability[] targets, string[] expected)
    {
        TensorRtLibrary library = RtxLibrary.Load();
        byte[] plan = TinyNetwork.Build(library, config =>
        {
            config.NbComputeCapabilities = targets.Length;
            for (int i = 0; i < targets.Length; i++)
            {
                config.SetComputeCapability(targets[i], i);
            }
        });

        PlanHead head = PlanHead.Read(plan);

        Assert.Equal(PlanFormat.TensorRTRtx, head.Format);
        Assert.Equal(library.Version, head.Release);
        Assert.Equal(plan.Length, head.Length);
        Assert.Equal(expected, head.ComputeCapabilities.Select(capability => capability.ToString()));
        Assert.Equal([PlanBlockKind.Engine, PlanBlockKind.Weights], head.Blocks.Select(block => block.Kind));
        Assert.False(head.HasLeanRuntime);
        Assert.Null(head.Problem);
        Assert.Equal(PlanVerdict.Fits, head.FitFor(library).Verdict);
    }

    [Fact]
    public void Plans_of_the_CPU_runtime()
    {
        TensorRtLibrary library = TinyNetwork.Cpu();
        byte[] plan = TinyNetwork.Build(library);

        PlanHead head = PlanHead.Read(plan);

        Assert.Equal(PlanFormat.Cpu, head.Format);
        Assert.Equal(CpuRuntime.Version, head.Release);
        Assert.Equal(plan.Length, head.Length);
        Assert.Equal("tiny", head.NetworkName);
        Assert.Equal([PlanBlockKind.Description, PlanBlockKind.Graph, PlanBlockKind.Weights], head.Blocks.Select(block => block.Kind));
        Assert.Equal((byte)'{', plan[head.Blocks[0].Offset]);
        Assert.Empty(head.ComputeCapabilities);
        Assert.Null(head.Problem);
        Assert.Equal(PlanVerdict.Fits, head.FitFor(library).Verdict);
        head.CheckFor(library);
    }

    [Fact]
    public void Damaged_description_does_not_hide_the_rest()
    {
        TensorRtLibrary library = TinyNetwork.Cpu();
        byte[] plan = TinyNetwork.Build(library);
        byte[] longer = new byte[plan.Length];
        plan.CopyTo(longer, 0);
        longer.AsSpan(128 + 9, 3).Fill((byte)'é'); // "Name":"…" is no UTF-8 any more

        PlanHead head = PlanHead.Read(longer);

        Assert.Equal(PlanFormat.Cpu, head.Format);
        Assert.Equal(plan.Length, head.Length);
    }

    [SkippableFact]
    public void Truncated_plans_are_known_and_said_to_be_cut_off()
    {
        string path = LeanFiles.Plan("lenet.vc_excl");
        byte[] plan = File.ReadAllBytes(path);
        File.WriteAllBytes(folder["cut.plan"], plan[..5000]);

        PlanHead head = PlanHead.Read(folder["cut.plan"]);

        Assert.Equal(new Version(8, 6, 0, 12), head.Release);
        Assert.Equal($"It is cut off: its head says {plan.Length} bytes, and there are 5000. Copy or build it again.", head.Problem);
        PlanFit fit = head.FitFor(TinyNetwork.Cpu());
        Assert.Equal(PlanVerdict.Refused, fit.Verdict);
        Assert.StartsWith($"{folder["cut.plan"]} cannot be run by CPU runtime", fit.Text, StringComparison.Ordinal);
        Assert.Contains("it is a damaged plan of TensorRT 8.6.0.12. It is cut off", fit.Text, StringComparison.Ordinal);

        PlanHead longer = PlanHead.Read([.. plan, 0]);
        Assert.StartsWith("It is longer than it should be", longer.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_plan_is_unknown()
    {
        Assert.Equal("It is empty.", PlanHead.Read([]).Problem);
        Assert.Equal(PlanFormat.Unknown, PlanHead.Read([]).Format);
        Assert.Contains("ONNX", PlanHead.Read(ModelFiles.Find("lenet.onnx")).Problem, StringComparison.Ordinal);
        Assert.Contains("library", PlanHead.Read("\u007fELF\u0002\u0001\u0001"u8).Problem, StringComparison.Ordinal);
        Assert.Equal("unknown plan format, 4 bytes. It does not begin like any plan that is known; its first bytes are 64617461.", PlanHead.Read("data"u8).ToString());
        Assert.Throws<FileNotFoundException>(() => PlanHead.Read(folder["none.plan"]));

        PlanFit fit = PlanHead.Read(new byte[100]).FitFor(TinyNetwork.Cpu());
        Assert.Equal(PlanVerdict.Refused, fit.Verdict);
        Assert.Contains("unknown plan format", fit.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(4, 1)]
    [InlineData(8, 0)]
    [InlineData(8, 200)]
    [InlineData(16, 10)]
    [InlineData(32, (byte)'X')]
    [InlineData(46, 0x7f)]
    public void Heads_that_make_no_sense_are_unknown(int at, byte value)
    {
        byte[] plan = MadePlan(new Version(10, 3, 0, 26));
        Assert.Equal(new Version(10, 3, 0, 26), PlanHead.Read(plan).Release);

        plan[at] = value;

        PlanHead head = PlanHead.Read(plan);
        Assert.Equal(PlanFormat.Unknown, head.Format);
        Assert.StartsWith("It begins like a plan of TensorRT, but", head.Problem, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Damage_never_throws()
    {
        List<byte[]> plans = [MadePlan(new Version(8, 6, 0, 12)), TinyNetwork.Build(TinyNetwork.Cpu())];
        if (RtxLibrary.TryLoad() is { } rtx)
        {
            plans.Add(TinyNetwork.Build(rtx));
        }

        if (Environment.GetEnvironmentVariable("TRT_LEAN_LIBRARY_DIR") is { Length: > 0 })
        {
            plans.Add(File.ReadAllBytes(LeanFiles.Plan("nonzero.vc_excl")));
        }

        Random random = new(15);
        TensorRtLibrary cpu = TinyNetwork.Cpu();
        foreach (byte[] plan in plans)
        {
            for (int length = 0; length < Math.Min(300, plan.Length); length++)
            {
                PlanHead head = PlanHead.Read(plan.AsSpan(0, length));
                Assert.NotNull(head.Problem);
                Assert.NotEmpty(head.ToString());
            }

            byte[] copy = plan[..Math.Min(plan.Length, 2000)];
            for (int round = 0; round < 5_000; round++)
            {
                plan.AsSpan(0, copy.Length).CopyTo(copy);
                for (int change = random.Next(1, 6); change > 0; change--)
                {
                    copy[random.Next(Math.Min(copy.Length, 200))] = (byte)(random.Next(3) switch { 0 => 0, 1 => 255, _ => random.Next(256) });
                }

                PlanHead head = PlanHead.Read(copy, plan.Length);
                Assert.NotEmpty(head.ToString() + head.FitFor(cpu));
                Assert.All(head.Blocks, block => Assert.True(head.Format == PlanFormat.Unknown || (block.Offset >= 0 && block.Length >= 0 && block.Offset + block.Length <= head.Length)));
            }
        }
    }

    /// <summary>A plan with one block, laid out like those of 8.6.0.</summary>
    internal static byte[] MadePlan(Version release)
    {
        byte[] plan = new byte[200];
        "ftrt"u8.CopyTo(plan);
        BinaryPrimitives.WriteInt64LittleEndian(plan.AsSpan(8), 1);
        BinaryPrimitives.WriteInt64LittleEndian(plan.AsSpan(16), plan.Length);
        (plan[24], plan[25], plan[26], plan[27]) = ((byte)release.Major, (byte)release.Minor, (byte)release.Build, (byte)release.Revision);
        "NGNE"u8.CopyTo(plan.AsSpan(32));
        BinaryPrimitives.WriteInt64LittleEndian(plan.AsSpan(40), 56);
        BinaryPrimitives.WriteInt64LittleEndian(plan.AsSpan(48), 140);
        return plan;
    }

    private sealed class ForwardStream(Stream inner) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, Math.Min(count, 100));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
