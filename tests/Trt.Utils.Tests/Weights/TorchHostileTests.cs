using System.Diagnostics;
using Xunit;

namespace Trt.Utils.Tests.Weights;

/// <summary>Files that want code to run, or the reader to run out of memory, stack or time.</summary>
public class TorchHostileTests
{
    private const string Trace = "/tmp/unpickled"; // what the hostile files' command would create

    [Theory]
    [InlineData("hostile.pth")]
    [InlineData("hostile_legacy.pth")]
    public void The_global_that_a_hostile_file_wants_to_call_is_named_and_not_called(string name)
    {
        string path = ModelFiles.Find(name);

        TorchFormatException exception = Assert.Throws<TorchFormatException>(() => TorchStateDict.Open(path));

        Assert.Equal("posix.system", exception.Global);
        Assert.Equal(path, exception.Path);
        Assert.Contains("\"posix.system\"", exception.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Trace));
    }

    public static TheoryData<string, byte[], string> Callers => new()
    {
        { "REDUCE", new PickleWriter().Proto().Global("os", "system").Text("true").Raw(0x85).Ascii("R").Stop(), "os.system" },
        { "STACK_GLOBAL", new PickleWriter().Proto(4).Text("builtins").Text("eval").Raw(0x93).Stop(), "builtins.eval" },
        { "INST", new PickleWriter().Ascii("(").Text("true").Ascii("isubprocess\nPopen\n").Stop(), "subprocess.Popen" },
        { "OBJ", new PickleWriter().Ascii("(").Global("webbrowser", "open").Text("x").Ascii("o").Stop(), "webbrowser.open" },
        { "NEWOBJ", new PickleWriter().Proto().Global("some.module", "Model").Ascii(")").Raw(0x81).Stop(), "some.module.Model" },
        { "dotted", new PickleWriter().Proto(4).Text("torch").Text("_utils._rebuild_tensor_v2.__globals__").Raw(0x93).Stop(), "torch._utils._rebuild_tensor_v2.__globals__" },
        { "extension", new PickleWriter().Proto().Raw(0x82, 7).Stop(), "extension 7" },
        { "storage class as value", new PickleWriter().Proto().Ascii("]").Global("torch", "FloatStorage").Ascii("a").Stop(), "torch.FloatStorage" },
    };

    [Theory]
    [MemberData(nameof(Callers))]
    public void Every_way_to_name_a_global_is_refused_with_its_name(string way, byte[] pickle, string global)
    {
        Assert.Equal(global, Checkpoint.Refused(Checkpoint.Zip(pickle)).Global);
        Assert.Equal(global, Checkpoint.Refused(Checkpoint.Legacy(pickle)).Global);
        Assert.NotEmpty(way);
    }

    [Fact]
    public void A_global_with_a_long_or_unprintable_name_is_shown_short()
    {
        TorchFormatException exception = Checkpoint.Refused(Checkpoint.Zip(new PickleWriter().Proto().Global("\x1b[31m", new string('x', 5000)).Stop()));

        Assert.DoesNotContain('\x1b', exception.Message);
        Assert.True(exception.Message.Length < 800);
    }

    public static TheoryData<string, byte[], string> Claims => new()
    {
        { "BINUNICODE8 of 4 GB", new PickleWriter().Proto(4).Raw(0x8d).Little64(4UL << 30).Stop(), "asks for 4294967296 bytes" },
        { "BINUNICODE8 of 2^64", new PickleWriter().Proto(4).Raw(0x8d).Little64(ulong.MaxValue).Stop(), "asks for 18446744073709551615 bytes" },
        { "BINUNICODE of 4 GB", new PickleWriter().Proto().Ascii("X").Little(-1).Stop(), "asks for 4294967295 bytes" },
        { "BINBYTES8 of 4 GB", new PickleWriter().Proto(4).Raw(0x8e).Little64(4UL << 30).Stop(), "asks for 4294967296 bytes" },
        { "BYTEARRAY8 of 4 GB", new PickleWriter().Proto(5).Raw(0x96).Little64(4UL << 30).Stop(), "asks for 4294967296 bytes" },
        { "LONG4 of 2 GB", new PickleWriter().Proto().Raw(0x8b).Little(int.MaxValue).Stop(), "asks for 2147483647 bytes" },
        { "LONG4 of less than nothing", new PickleWriter().Proto().Raw(0x8b).Little(-1).Stop(), "malformed length" },
        { "LONG4 of 1 MB", new PickleWriter().Proto().Raw(0x8b).Little(1 << 20).Raw(new byte[1 << 20]).Stop(), "integer of 1048576 bytes" },
        { "FRAME of 4 GB", new PickleWriter().Proto(4).Raw(0x95).Little64(4UL << 30).Ascii("N").Stop(), "asks for 4294967296 bytes" },
        { "storage of 4 GB", new PickleWriter().Proto().Tensor("FloatStorage", "0", 1L << 30, 0, [1], [1]).Stop(), "should have 1073741824 elements" },
        { "storage of 2^62", new PickleWriter().Proto().Tensor("DoubleStorage", "0", 1L << 62, 0, [1], [1]).Stop(), "refers to a storage" },
        { "storage of less than nothing", new PickleWriter().Proto().Tensor("FloatStorage", "0", -4, 0, [1], [1]).Stop(), "refers to a storage" },
        { "shape of 4 GB", new PickleWriter().Proto().Tensor("FloatStorage", "0", 2, 0, [1L << 30], [1]).Stop(), "beyond its storage" },
        { "shape that overflows", new PickleWriter().Proto().Tensor("FloatStorage", "0", 2, 0, [1L << 32, 1L << 32], [0, 0]).Stop(), "expanded far beyond" },
        { "expansion to 4 GB", new PickleWriter().Proto().Tensor("FloatStorage", "0", 2, 0, [1L << 30], [0]).Stop(), "expanded far beyond" },
        { "stride that overflows", new PickleWriter().Proto().Tensor("FloatStorage", "0", 2, 0, [5, 5], [long.MaxValue, long.MaxValue]).Stop(), "beyond its storage" },
        { "offset behind the storage", new PickleWriter().Proto().Tensor("FloatStorage", "0", 2, 2, [1], [1]).Stop(), "beyond its storage" },
        { "offset before the storage", new PickleWriter().Proto().Tensor("FloatStorage", "0", 2, -1, [1], [1]).Stop(), "offset -1" },
        { "stride before the storage", new PickleWriter().Proto().Tensor("FloatStorage", "0", 2, 1, [2], [-1]).Stop(), "strides [-1] and" },
        { "dimension of less than nothing", new PickleWriter().Proto().Tensor("FloatStorage", "0", 2, 0, [-1], [1]).Stop(), "shape [-1]" },
        { "shape without strides", new PickleWriter().Proto().Tensor("FloatStorage", "0", 2, 0, [1, 1], [1]).Stop(), "shape [1, 1], strides [1] and" },
        { "65 dimensions", new PickleWriter().Proto().Tensor("FloatStorage", "0", 2, 0, [.. Enumerable.Repeat(1L, 65)], [.. Enumerable.Repeat(1L, 65)]).Stop(), "arguments that PyTorch does not write" },
        { "memo that was never filled", new PickleWriter().Proto().Ascii("j").Little(int.MaxValue).Stop(), "malformed reference" },
        { "stack below its bottom", new PickleWriter().Proto().Ascii("00").Stop(), "never gave" },
        { "values below a mark", new PickleWriter().Proto().Ascii("N(N").Raw(0x86).Stop(), "never gave" },
        { "mark never set", new PickleWriter().Proto().Ascii("t").Stop(), "never opened" },
        { "unknown operation", new PickleWriter().Proto().Raw(0xff).Stop(), "0xff" },
        { "protocol 6", new PickleWriter().Proto(6).Ascii("N").Stop(), "protocol 6" },
        { "unhashable key", new PickleWriter().Proto().Ascii("}]Ns").Stop(), "cannot be a key" },
        { "decimal of 5000 digits", new PickleWriter().Ascii("L" + new string('9', 5000) + "L\n").Stop(), "malformed integer" },
        { "buffer outside the file", new PickleWriter().Proto(5).Raw(0x97).Stop(), "buffers outside" },
        { "text that is not UTF-8", new PickleWriter().Proto().Ascii("X").Little(2).Raw(0xc3, 0x28).Stop(), "malformed text" },
    };

    [Theory]
    [MemberData(nameof(Claims))]
    public void What_a_pickle_claims_beyond_its_file_is_refused_without_taking_memory(string claim, byte[] pickle, string said)
    {
        byte[] zip = Checkpoint.Zip(pickle, ("0", new byte[8]));
        byte[] legacy = Checkpoint.Legacy(pickle, storages: ("0", 2, new byte[8]));
        _ = Checkpoint.Refused(zip); // whatever is made once only

        long before = GC.GetAllocatedBytesForCurrentThread();
        TorchFormatException ofZip = Checkpoint.Refused(zip);
        TorchFormatException ofLegacy = Checkpoint.Refused(legacy);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.All((TorchFormatException[])[ofZip, ofLegacy], exception => Assert.Contains(said, exception.Message, StringComparison.Ordinal));
        Assert.True(allocated < 8 << 20, $"{claim}: {allocated} bytes were allocated");
    }

    [Fact]
    public void Zip_entries_that_claim_4_GB_are_refused()
    {
        byte[] pickle = new PickleWriter().Proto().Tensor("FloatStorage", "0", 2, 0, [2], [1]).Stop();
        byte[] good = Checkpoint.Zip(pickle, ("0", new byte[8]));
        Assert.True(Checkpoint.ReadsOrIsRefused(good));
        byte[] packed = Checkpoint.Zip(System.IO.Compression.CompressionLevel.Optimal, pickle, ("0", new byte[8]));
        Assert.True(Checkpoint.ReadsOrIsRefused(packed));

        foreach (byte[] archive in (byte[][])[good, packed])
        {
            List<int> entries = [.. Enumerable.Range(0, archive.Length - 4).Where(at => archive.AsSpan(at).StartsWith("PK\x01\x02"u8))];
            Assert.Equal(3, entries.Count);
            foreach (int entry in entries)
            {
                foreach (int field in (int[])[20, 24, 42]) // packed size, size, offset
                {
                    foreach (uint value in (uint[])[uint.MaxValue, uint.MaxValue - 1, 0x7fffffff, 1u << 31])
                    {
                        byte[] claiming = [.. archive];
                        BitConverter.TryWriteBytes(claiming.AsSpan(entry + field), value);
                        long before = GC.GetAllocatedBytesForCurrentThread();
                        _ = Checkpoint.Refused(claiming);
                        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 8 << 20);
                    }
                }
            }
        }
    }

    [Fact]
    public void A_packed_entry_that_says_less_or_more_than_it_unpacks_to_is_refused()
    {
        byte[] pickle = new PickleWriter().Proto().Tensor("FloatStorage", "0", 100, 0, [100], [1]).Stop();
        byte[] archive = Checkpoint.Zip(System.IO.Compression.CompressionLevel.Optimal, pickle, ("0", new byte[4000]));
        Assert.True(Checkpoint.ReadsOrIsRefused(archive));
        int entry = Enumerable.Range(0, archive.Length - 4).Last(at => archive.AsSpan(at).StartsWith("PK\x01\x02"u8));
        foreach (int size in (int[])[3999, 4001, 400])
        {
            byte[] lying = [.. archive];
            BitConverter.TryWriteBytes(lying.AsSpan(entry + 24), size);
            Assert.False(Checkpoint.ReadsOrIsRefused(lying), $"{size} bytes");
        }
    }

    [Fact]
    public void Storages_that_lie_over_each_other_or_twice_in_the_archive_are_refused()
    {
        byte[] pickle = new PickleWriter().Proto().Ascii("N").Stop();
        byte[] archive = Checkpoint.Zip(pickle, ("0", new byte[64]), ("1", new byte[64]));
        int[] entries = [.. Enumerable.Range(0, archive.Length - 4).Where(at => archive.AsSpan(at).StartsWith("PK\x01\x02"u8))];
        byte[] over = [.. archive];
        archive.AsSpan(entries[2] + 42, 4).CopyTo(over.AsSpan(entries[3] + 42));
        Assert.Contains("lie over each other", Checkpoint.Refused(over).Message, StringComparison.Ordinal);

        byte[] twice = [.. archive];
        twice[entries[3] + 46 + "m/data/".Length] = (byte)'0';
        Assert.Contains("twice", Checkpoint.Refused(twice).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_million_nested_lists_cost_no_stack()
    {
        const int Depth = 1_000_000;
        byte[] pickle = [0x80, 2, .. Enumerable.Repeat((byte)']', Depth), .. Enumerable.Repeat((byte)'a', Depth - 1), (byte)'.'];
        using ScratchFile file = new(Checkpoint.Zip(pickle));
        using TorchStateDict dict = TorchStateDict.Open(file.Path);

        int depth = 1;
        for (object? value = dict.Root; value is List<object?> { Count: 1 } list; value = list[0])
        {
            depth++;
        }

        Assert.Equal(Depth, depth);
        Assert.Empty(dict);
    }

    [Fact]
    public void A_list_that_holds_itself_can_be_read()
    {
        using ScratchFile file = new(Checkpoint.Zip(new PickleWriter().Proto().Ascii("]q\0h\0a").Stop()));
        using TorchStateDict dict = TorchStateDict.Open(file.Path);
        List<object?> list = Assert.IsType<List<object?>>(dict.Root);
        Assert.Same(list, Assert.Single(list));
    }

    [Fact]
    public void Doubling_by_reference_costs_neither_memory_nor_time()
    {
        // Each tuple holds the one before twice: 2^100000 leaves, were they ever walked.
        PickleWriter pickle = new PickleWriter().Proto().Ascii(")q\0");
        for (int i = 0; i < 100_000; i++)
        {
            pickle.Ascii("h\0h\0").Raw(0x86).Ascii("q\0");
        }

        Assert.True(Checkpoint.ReadsOrIsRefused(Checkpoint.Zip(pickle.Stop())));
    }

    [Theory]
    [InlineData("list copied by OrderedDict")]
    [InlineData("list copied by set")]
    [InlineData("list copied by Size")]
    [InlineData("text encoded")]
    [InlineData("long key hashed")]
    public void Copying_one_large_value_over_and_over_is_refused_quickly(string bomb)
    {
        const int Large = 100_000;
        PickleWriter pickle = new PickleWriter().Proto();
        if (bomb.StartsWith("list", StringComparison.Ordinal))
        {
            pickle.Ascii("](" + string.Concat(Enumerable.Repeat(bomb.EndsWith("OrderedDict", StringComparison.Ordinal) ? "K\u0001K\u0001\u0086" : "K\u0001", Large)) + "eq\0");
        }
        else
        {
            pickle.Text(new string('x', Large)).Ascii("q\0");
        }

        (string module, string name) = bomb[^4..] switch
        {
            "Dict" => ("collections", "OrderedDict"),
            " set" => ("builtins", "set"),
            "Size" => ("torch", "Size"),
            _ => ("_codecs", "encode"),
        };
        pickle.Global(module, name).Ascii("q\u0001").Text("latin1").Ascii("q\u0002]");
        for (int i = 0; i < Large; i++)
        {
            switch (bomb)
            {
                case "text encoded": pickle.Ascii("h\u0001h\0h\u0002").Raw(0x86).Ascii("R0"); break;
                case "long key hashed": pickle.Ascii("}h\0Ns0"); break;
                default: pickle.Ascii("h\u0001h\0").Raw(0x85).Ascii("R0"); break;
            }
        }

        byte[] content = Checkpoint.Zip(pickle.Stop());
        Stopwatch watch = Stopwatch.StartNew();
        TorchFormatException exception = Checkpoint.Refused(content);

        Assert.Contains("over and over", exception.Message, StringComparison.Ordinal);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");
    }

    [Fact]
    public void More_containers_than_any_checkpoint_needs_are_refused()
    {
        byte[] pickle = [0x80, 2, (byte)'(', .. Enumerable.Repeat((byte)'}', 3_000_000), (byte)'t', (byte)'.'];
        Assert.Contains("lists, tuples and dictionaries", Checkpoint.Refused(Checkpoint.Zip(pickle)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_values_than_any_checkpoint_needs_are_refused()
    {
        byte[] pickle = [0x80, 2, (byte)'(', .. Enumerable.Repeat((byte)'N', 17_000_000), (byte)'t', (byte)'.'];
        Assert.Contains("operations", Checkpoint.Refused(Checkpoint.Zip(pickle)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_structure_too_long_to_be_one_is_refused()
    {
        byte[] archive = Checkpoint.Zip(System.IO.Compression.CompressionLevel.Fastest, new byte[(64 << 20) + 1]);
        Assert.Contains("data.pkl has 67108865 bytes", Checkpoint.Refused(archive).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tensors_that_repeat_a_few_bytes_cannot_take_memory_without_end()
    {
        PickleWriter pickle = new PickleWriter().Proto().Ascii("}(");
        for (int i = 0; i < 1000; i++)
        {
            pickle.Text($"w{i}").Tensor("FloatStorage", "0", 2, 0, [8 << 20], [0]); // 32 MB each
        }

        using ScratchFile file = new(Checkpoint.Zip(pickle.Ascii("u").Stop(), ("0", new byte[8])));
        using WeightsMap map = WeightsMap.Open(file.Path);
        int bound = 0;
        TorchFormatException exception = Assert.Throws<TorchFormatException>(() =>
        {
            foreach (string name in map.Names)
            {
                Assert.Equal(8 << 20, map[name].ToWeights().Count);
                bound++;
            }
        });
        Assert.Contains("repeat the same values", exception.Message, StringComparison.Ordinal);
        Assert.Equal(2, bound);
    }

    [Fact]
    public void Views_of_ones_own_are_not_kept_by_the_file()
    {
        using WeightsMap map = WeightsMap.Open(ModelFiles.Find("lenet.pth"));
        float[] expected = map["fc1"]["weight"].Tensor.ToArray<float>();
        for (int i = 0; i < 50; i++) // 80 MB in all
        {
            Assert.Equal(expected[800], map["fc1"]["weight"].Tensor.Transpose().ToWeights().AsSpan<float>()[1]);
        }
    }
}
