using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Xunit;
using Xunit.Abstractions;

namespace Trt.Utils.Tests.Weights;

/// <summary>
/// Files of every format with up to six random changes: refused with <see cref="TorchFormatException"/>, or read with the values that the changed file says; never anything else, never slowly,
/// never with more memory than the file justifies. TRT_MUTATIONS sets the number of files per format.
/// </summary>
public class WeightMutationTests(ITestOutputHelper output)
{
    private const int UsualCount = 1000;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    [Fact]
    public void Changed_zip_checkpoints() => Check("zip .pth", Smallest("mixed.pth"), [(64, 4282)], WeightOracle.CheckTorchZip);

    [Fact]
    public void Changed_zip_directories() => Check("zip .pth, directory", Smallest("mixed.pth"), Directory(Smallest("mixed.pth")), WeightOracle.CheckTorchZip);

    [Fact]
    public void Changed_legacy_checkpoints() => Check("legacy .pth", Smallest("mixed_legacy.pth"), [(0, 5478)], (_, _) => { });

    [Fact]
    public void Changed_packed_checkpoints() => Check("packed .pth", Checkpoint.Zip(CompressionLevel.Optimal, Pickle(), ("0", new byte[400]), ("1", [1, 2, 3, 4, 5, 6, 7, 8])), [], WeightOracle.CheckTorchZip);

    [Fact]
    public void Changed_TorchScript_archives() => Check("TorchScript .pt", Script(), [], WeightOracle.CheckTorchZip);

    [Fact]
    public void Changed_safetensors()
    {
        using TorchStateDict dict = TorchStateDict.Open(ModelFiles.Find("mixed.pth"));
        MemoryStream stream = new();
        SafetensorsFile.Write(stream, Checkpoint.Tensors(dict.Root).Take(12).ToDictionary(), new Dictionary<string, string> { ["format"] = "pt" });
        byte[] content = stream.ToArray();
        Check(".safetensors", content, [(0, (int)BitConverter.ToUInt64(content) + 8)], WeightOracle.CheckSafetensors);
    }

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void Changed_npz(CompressionLevel level)
    {
        using TorchStateDict dict = TorchStateDict.Open(ModelFiles.Find("mixed.pth"));
        using ScratchFolder folder = new();
        string path = System.IO.Path.Combine(folder.Path, "a.npz");
        NpzFile.Write(path, dict.Where(entry => entry.Value.DType is TorchDType.Float32 or TorchDType.Int64).Take(4).ToDictionary(), level);
        byte[] content = File.ReadAllBytes(path);
        Check($".npz, {level}", content, [.. Directory(content), (0, content.Length)], WeightOracle.CheckNpz);
        Check($".npz by NpzFile, {level}", content, [.. Directory(content), (0, content.Length)], CompareWithNpzFile, also: ReadByNpzFile);
    }

    [Fact]
    public void Changed_npy() => Check(".npy", [0x93, .. "NUMPY\x01\0\x76\0"u8, .. Encoding.ASCII.GetBytes("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }".PadRight(117) + "\n"), .. new byte[24]], [(0, 70)], (_, _) => { });

    [Fact]
    public void Changed_wts() => Check(".wts", "3\nconv.weight 4 3f800000 0000ff01 bf800000 7f800000\nconv.bias 2 00000001 80000000\nempty 0 \n"u8.ToArray(), [], WeightOracle.CheckWts);

    [Fact]
    public void Changed_indexes()
    {
        using ScratchFolder folder = new();
        byte[] shard = SafetensorsFormatTests.Make("""{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"v":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}""", 7, 8, 9);
        folder.Write("outside.safetensors", shard);
        folder.Write("inner/a.safetensors", shard);
        folder.Write("inner/b.safetensors", shard);
        byte[] index = """{"metadata":{"total_size":3,"more":[1.5,null,true]},"weight_map":{"w":"a.safetensors","v":"b.safetensors"}}"""u8.ToArray();
        Check(".index.json", index, [], WeightOracle.CheckIndex, System.IO.Path.Combine(folder.Path, "inner", "model.index.json"));
        Assert.Equal(3, System.IO.Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).Length);
    }

    private void Check(string format, byte[] good, (int Start, int Length)[] structure, Action<byte[], TorchStateDict> compare, string? place = null, Action<string>? also = null)
    {
        int count = int.TryParse(Environment.GetEnvironmentVariable("TRT_MUTATIONS"), CultureInfo.InvariantCulture, out int wanted) ? wanted : UsualCount;
        int read = 0;
        int refused = 0;
        TimeSpan slowest = default;
        long most = 0;
        string path = place ?? System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"trt-utils-{Guid.NewGuid():N}.pth");
        long memory = 0;
        Stopwatch whole = Stopwatch.StartNew();
        try
        {
            Try(good);
            Assert.Equal((1, 0), (read, refused));
            Gen<Mutation[]> changes = Gen.Elements(1, 1, 1, 1, 2, 3, 6).SelectMany(number => Mutation.Any.ArrayOf(number));
            Prop.ForAll(Arb.From(changes, Fewer), (Mutation[] mutations) => Try(mutations.Aggregate(good, (content, mutation) => mutation.Apply(content, structure))))
                .Check(Config.QuickThrowOnFailure.WithMaxTest(count).WithReplay(20240607, 77).WithQuietOnSuccess(true));
        }
        finally
        {
            File.Delete(path);
        }

        Assert.Equal(count + 1, read + refused);
        Assert.True(refused > count / 5, $"only {refused} of {count} were refused");
        output.WriteLine($"{format}: {count} files, {refused} refused, {read - 1} read, slowest {slowest.TotalMilliseconds:f0} ms, at most {most / 1024} KB allocated, {whole.Elapsed.TotalSeconds:f0} s in all, process grew by {(Environment.WorkingSet - memory) >> 20} MB after the first tenth");

        void Try(byte[] content)
        {
            File.WriteAllBytes(path, content);
            TimeSpan start = Environment.CpuUsage.TotalTime; // not the clock's: the machine may be busy with others
            also?.Invoke(path);
            long before = GC.GetAllocatedBytesForCurrentThread();
            bool isRead = Reads(path, content, compare, before, out long allocated);
            TimeSpan taken = Environment.CpuUsage.TotalTime - start;
            slowest = taken > slowest ? taken : slowest;
            most = Math.Max(most, allocated);
            Assert.True(taken < Longest, $"{taken}");
            Assert.True(allocated < (4 << 20) + (100L * content.Length), $"{allocated} bytes for a file of {content.Length}");
            Assert.True(File.ReadAllBytes(path).AsSpan().SequenceEqual(content), "the file was written to");
            Assert.False(File.Exists("/tmp/unpickled"));
            read += isRead ? 1 : 0;
            refused += isRead ? 0 : 1;
            memory = read + refused == count / 10 ? Environment.WorkingSet : memory;
        }
    }

    /// <summary>Opens the file and reads every value in it; any exception but <see cref="TorchFormatException"/> goes through.</summary>
    private static bool Reads(string path, byte[] content, Action<byte[], TorchStateDict> compare, long before, out long allocated)
    {
        try
        {
            using TorchStateDict dict = TorchStateDict.Open(path);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            foreach (TorchTensor tensor in dict.Values.Concat(Checkpoint.Tensors(dict.Root).Values))
            {
                Checkpoint.ReadValues(tensor);
            }

            compare(content, dict);
            return true;
        }
        catch (TorchFormatException exception)
        {
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.StartsWith(exception.Path, exception.Message, StringComparison.Ordinal);
            return false;
        }
    }

    /// <summary>The same file by the reader of NumPy's files alone, which must say the same.</summary>
    private static void CompareWithNpzFile(byte[] content, TorchStateDict dict)
    {
        using NpzFile npz = NpzFile.Open(dict.Path);
        Assert.Equal(npz.Keys, dict.Keys);
        foreach ((string name, NpzArray array) in npz)
        {
            Assert.Equal(array.Shape.ToArray(), dict[name].Shape.ToArray());
            Assert.True(array.IsFortranOrder || array.Bytes.SequenceEqual(dict[name].ToContiguous().Bytes), name);
        }
    }

    private static void ReadByNpzFile(string path)
    {
        try
        {
            using NpzFile npz = NpzFile.Open(path);
            foreach (NpzArray array in npz.Values)
            {
                Assert.Equal(array.ElementCount == 0, array.Bytes.IsEmpty);
                Assert.True(array.Bytes.SequenceEqual(array.Bytes.ToArray()));
            }
        }
        catch (NpzFormatException exception)
        {
            Assert.StartsWith(path, exception.Message, StringComparison.Ordinal);
        }
    }

    private static IEnumerable<Mutation[]> Fewer(Mutation[] mutations) => mutations.Length < 2 ? [] : Enumerable.Range(0, mutations.Length).Select(i => (Mutation[])[.. mutations[..i], .. mutations[(i + 1)..]]);

    private static byte[] Smallest(string name) => File.ReadAllBytes(ModelFiles.Find(name));

    private static (int Start, int Length)[] Directory(byte[] zip)
    {
        int start = zip.AsSpan().IndexOf("PK\x01\x02"u8);
        return [(start, zip.Length - start)];
    }

    private static byte[] Pickle() => new PickleWriter().Proto().Ascii("}(").Text("w").Tensor("FloatStorage", "0", 100, 3, [5, 4], [1, 6]).Text("v").Tensor("LongStorage", "1", 1, 0, [], [])
        .Text("e").Tensor("LongStorage", "1", 1, 0, [0, 2], [2, 1]).Text("note").Text("text").Ascii("u").Stop();

    private static byte[] Script()
    {
        PickleWriter data = new PickleWriter().Proto().Global("__torch__", "Net").Ascii(")").Raw(0x81).Ascii("}(").Text("training").Raw(0x89).Text("layer").Global("__torch__.nn", "Linear").Ascii(")").Raw(0x81)
            .Ascii("}(").Text("weight").Tensor("FloatStorage", "0", 6, 0, [2, 3], [3, 1]).Text("bias").Tensor("HalfStorage", "1", 2, 0, [2], [1]).Ascii("ubub");
        return Checkpoint.Archive(CompressionLevel.NoCompression, ("m/data.pkl", data.Stop()), ("m/constants.pkl", new PickleWriter().Proto().Tensor("DoubleStorage", "0", 1, 0, [], []).Raw(0x85).Stop()), ("m/data/0", new byte[24]), ("m/data/1", [1, 2, 3, 4]), ("m/constants/0", new byte[8]), ("m/byteorder", "little"u8.ToArray()));
    }
}
