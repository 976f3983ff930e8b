using Xunit;

namespace Trt.Utils.Tests.Weights;

public class TorchLifetimeTests
{
    [Theory]
    [InlineData("mixed.pth")]
    [InlineData("mixed_legacy.pth")]
    public void Use_after_dispose_is_an_exception(string name)
    {
        TorchStateDict dict = TorchStateDict.Open(ModelFiles.Find(name));
        TorchTensor tensor = dict["float32"];
        TorchTensor view = (TorchTensor)((TorchDictionary)((TorchDictionary)dict.Root!)["views"]!)["transposed"]!;
        TorchTensor copy = view.ToContiguous();
        dict.Dispose();
        dict.Dispose();

        Assert.Throws<ObjectDisposedException>(() => dict["float32"]);
        Assert.Throws<ObjectDisposedException>(() => dict.Count);
        Assert.Throws<ObjectDisposedException>(() => dict.Keys);
        Assert.Throws<ObjectDisposedException>(() => dict.Values);
        Assert.Throws<ObjectDisposedException>(() => dict.Root);
        Assert.Throws<ObjectDisposedException>(() => dict.ContainsKey("float32"));
        Assert.Throws<ObjectDisposedException>(() => dict.TryGetValue("float32", out _));
        Assert.Throws<ObjectDisposedException>(() => dict.GetEnumerator());
        foreach (TorchTensor dead in (TorchTensor[])[tensor, view, copy])
        {
            Assert.Throws<ObjectDisposedException>(() => dead.Bytes.Length);
            Assert.Throws<ObjectDisposedException>(() => dead.Pointer);
            Assert.Throws<ObjectDisposedException>(() => dead.ToArray<float>());
            Assert.Throws<ObjectDisposedException>(() => dead.ToFloat32());
            Assert.Throws<ObjectDisposedException>(() => dead.ToContiguous());
        }

        Assert.Equal([3L, 4L], tensor.Shape.ToArray());
        Assert.Contains("float32", tensor.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_can_be_deleted_and_replaced_after_dispose()
    {
        using ScratchFile file = new(File.ReadAllBytes(ModelFiles.Find("mixed.pth")));
        for (int i = 0; i < 50; i++)
        {
            using TorchStateDict dict = TorchStateDict.Open(file.Path);
            Assert.Equal(12, dict["float32"].ToArray<float>().Length);
        }

        File.WriteAllBytes(file.Path, File.ReadAllBytes(ModelFiles.Find("mixed_legacy.pth")));
        using TorchStateDict other = TorchStateDict.Open(file.Path);
        Assert.Equal(12, other["float32"].ToArray<float>().Length);
    }

    [Fact]
    public void Many_threads_read_the_same_values()
    {
        float[] source = [.. Enumerable.Range(0, 100_000).Select(i => i / 16f)];
        byte[] pickle = new PickleWriter().Proto().Ascii("}").Text("w").Tensor("FloatStorage", "0", source.Length, 0, [100, 1000], [1, 100]).Ascii("s").Stop();
        byte[] packed = Checkpoint.Zip(System.IO.Compression.CompressionLevel.Fastest, pickle, ("0", System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(source).ToArray()));
        float[] expected = [.. from i in Enumerable.Range(0, 100) from j in Enumerable.Range(0, 1000) select source[i + (100 * j)]];
        using ScratchFile file = new(packed);
        using TorchStateDict dict = TorchStateDict.Open(file.Path);

        TorchTensor?[] copies = new TorchTensor?[64];
        Parallel.For(0, copies.Length, i =>
        {
            copies[i] = dict["w"].ToContiguous();
            Assert.Equal(expected, dict["w"].ToArray<float>());
            Assert.Equal(expected, copies[i]!.ToFloat32());
        });

        Assert.All(copies, copy => Assert.Same(copies[0], copy));
    }

    [Fact]
    public async Task Dispose_while_others_read_gives_right_values_or_the_exception()
    {
        string path = ModelFiles.Find("lenet.pth");
        float[] expected;
        using (TorchStateDict alone = TorchStateDict.Open(ModelFiles.Find("lenet.pth")))
        {
            expected = alone["fc1.weight"].ToArray<float>();
        }

        for (int round = 0; round < 20; round++)
        {
            TorchStateDict dict = TorchStateDict.Open(path);
            TorchTensor tensor = dict["fc1.weight"];
            using Barrier start = new(4);
            Task[] readers = [.. Enumerable.Range(0, 3).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    try
                    {
                        for (int i = 0; i < 20; i++)
                        {
                            Assert.True(tensor.ToArray<float>().AsSpan().SequenceEqual(expected));
                        }
                    }
                    catch (ObjectDisposedException)
                    {
                    }
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default))];
            start.SignalAndWait();
            _ = tensor.ToArray<float>();
            dict.Dispose();
            await Task.WhenAll(readers);
            Assert.Throws<ObjectDisposedException>(() => tensor.ToArray<float>());
        }

    }

    [Fact]
    public void Opening_reads_no_tensor_data()
    {
        // 512 MB of storage that exists only as a hole in the file; opening must neither read nor allocate it.
        const long Count = 128L << 20;
        byte[] pickle = new PickleWriter().Proto().Ascii("}").Text("w").Tensor("FloatStorage", "a", Count, 0, [Count], [1], legacy: true).Ascii("s").Stop();
        byte[] head = Checkpoint.Legacy(pickle, storages: ("a", Count, []));
        using ScratchFile file = new(head);
        using (FileStream stream = File.OpenWrite(file.Path))
        {
            stream.SetLength(head.Length + (Count * sizeof(float)));
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        using TorchStateDict dict = TorchStateDict.Open(file.Path);
        TorchTensor tensor = dict["w"];
        Assert.Equal(Count, tensor.ElementCount);
        Assert.Equal(Count * sizeof(float), tensor.Bytes.Length);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 4 << 20);
    }

    [Theory]
    [InlineData("safetensors")]
    [InlineData("npy")]
    public void Opening_other_formats_reads_no_tensor_data_either(string format)
    {
        const long Count = 128L << 20; // 512 MB that exist only as a hole in the file
        byte[] head = format == "npy"
            ? [0x93, .. "NUMPY\x01\0\x76\0"u8, .. System.Text.Encoding.ASCII.GetBytes($"{{'descr': '<f4', 'fortran_order': False, 'shape': ({Count},), }}".PadRight(117) + "\n")]
            : SafetensorsFormatTests.Make($$$"""{"w":{"dtype":"F32","shape":[{{{Count}}}],"data_offsets":[0,{{{Count * sizeof(float)}}}]}}""");
        using ScratchFile file = new(head);
        using (FileStream stream = File.OpenWrite(file.Path))
        {
            stream.SetLength(head.Length + (Count * sizeof(float)));
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        using WeightsMap map = WeightsMap.Open(file.Path);
        TorchTensor tensor = map[Assert.Single(map.Names)];
        Assert.Equal(Count, tensor.ElementCount);
        Assert.Equal(Count * sizeof(float), tensor.Bytes.Length);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
        if (OperatingSystem.IsLinux())
        {
            Assert.InRange(ResidentKilobytes(file.Path), 0, 1024);
        }
    }

    /// <summary>How much of a file this process has in memory through maps of it.</summary>
    private static long ResidentKilobytes(string path)
    {
        string[] lines = File.ReadAllLines("/proc/self/smaps");
        int[] maps = [.. Enumerable.Range(0, lines.Length).Where(i => lines[i].EndsWith(path, StringComparison.Ordinal))];
        Assert.NotEmpty(maps);
        return maps.Sum(map => long.Parse(lines.Skip(map).First(line => line.StartsWith("Rss:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Many_threads_use_one_map()
    {
        using WeightsMap map = WeightsMap.Open(ModelFiles.Find("lenet.pth"));
        string[] names = [.. map.Names];

        Parallel.For(0, 2000, i =>
        {
            string name = names[i % (names.Length - 1)];
            Assert.NotEqual(0, map[name].ToWeights().Values);
            Assert.Throws<KeyNotFoundException>(() => map[$"none{i % 5}"].Tensor);
            Assert.True(map.Unused.Count < names.Length);
        });

        Assert.Equal([names[^1]], map.Unused);
        Assert.Equal(5, map.Missing.Count);
    }
}
