using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Trt.Utils.Tests.Weights;

public class WeightWritingTests
{
    [SkippableTheory]
    [InlineData("lenet.pth")]
    [InlineData("lenet_legacy.pth")]
    [InlineData("unet.pth")]
    public void A_checkpoint_written_in_another_format_reads_back_bit_for_bit(string name)
    {
        using ScratchFolder folder = new();
        using WeightsMap w = WeightsMap.Open(ModelFiles.FindOrSkip(name));
        using TorchStateDict source = TorchStateDict.Open(ModelFiles.FindOrSkip(name));
        string safetensors = Path.Combine(folder.Path, "model.safetensors");
        string npz = Path.Combine(folder.Path, "model.npz");
        w.SaveSafetensors(safetensors, new Dictionary<string, string> { ["format"] = "pt", ["who"] = "naïve – 漢字 \"" });
        w.SaveNpz(npz);

        using TorchStateDict first = TorchStateDict.Open(safetensors);
        using TorchStateDict second = TorchStateDict.Open(npz);
        StateDicts.AssertSame(source, first);
        StateDicts.AssertSame(source, second);
        Assert.All(first.Values, tensor => Assert.Equal(0, (tensor.Bytes.IsEmpty ? 0 : tensor.Pointer) % tensor.DType.ByteSize()));
        TorchDictionary metadata = Assert.IsType<TorchDictionary>(Assert.IsType<TorchDictionary>(first.Root).Attributes!["__metadata__"]);
        Assert.Equal("naïve – 漢字 \"", metadata["who"]);
        Assert.Equal(2, Directory.GetFiles(folder.Path).Length); // no temporary file is left

        using NpzFile archive = NpzFile.Open(npz);
        Assert.Equal(source.Keys, archive.Keys);
    }

    [Fact]
    public void Everything_that_pytorch_can_save_reads_back_bit_for_bit()
    {
        using ScratchFolder folder = new();
        using TorchStateDict source = TorchStateDict.Open(ModelFiles.Find("mixed.pth"));
        Dictionary<string, TorchTensor> tensors = Checkpoint.Tensors(source.Root);
        tensors.Add("e4m3", TorchTensor.FromBytes([.. Enumerable.Range(0, 256).Select(i => (byte)i)], TorchDType.Float8E4M3FN, 16, 16));
        tensors.Add("e5m2", TorchTensor.FromBytes([.. Enumerable.Range(0, 256).Select(i => (byte)i)], TorchDType.Float8E5M2));
        tensors.Add("u16", TorchTensor.FromArray([ushort.MaxValue, (ushort)1]));
        tensors.Add("u32", TorchTensor.FromArray([uint.MaxValue]));
        tensors.Add("u64", TorchTensor.FromArray([ulong.MaxValue]));
        string path = Path.Combine(folder.Path, "all.safetensors");
        SafetensorsFile.Write(path, tensors);
        using (TorchStateDict back = TorchStateDict.Open(path))
        {
            StateDicts.AssertSame(tensors, back);
        }

        NotSupportedException refused = Assert.Throws<NotSupportedException>(() => NpzFile.Write(Path.Combine(folder.Path, "all.npz"), tensors));
        Assert.Contains("which NumPy has no type for", refused.Message, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(folder.Path));

        Dictionary<string, TorchTensor> common = tensors.Where(entry => entry.Value.DType is not (TorchDType.BFloat16 or TorchDType.Float8E4M3FN or TorchDType.Float8E5M2)).ToDictionary();
        foreach (CompressionLevel level in (CompressionLevel[])[CompressionLevel.NoCompression, CompressionLevel.Fastest])
        {
            NpzFile.Write(Path.Combine(folder.Path, "all.npz"), common, level);
            using TorchStateDict back = TorchStateDict.Open(Path.Combine(folder.Path, "all.npz"));
            StateDicts.AssertSame(common, back);
        }
    }

    [Fact]
    public void Safetensors_bytes_are_as_the_format_defines_them()
    {
        MemoryStream stream = new();
        SafetensorsFile.Write(stream, new Dictionary<string, TorchTensor>
        {
            ["b"] = TorchTensor.FromArray([(sbyte)-1, (sbyte)2], 2),
            ["transposed"] = TorchTensor.FromArray([1f, 2, 3, 4, 5, 6], 2, 3).Transpose(),
            ["scalar"] = TorchTensor.FromArray([7L]).Reshape(),
            ["none"] = TorchTensor.FromArray(Array.Empty<Half>(), 0, 3),
        });
        byte[] bytes = stream.ToArray();

        int length = (int)BitConverter.ToUInt64(bytes);
        Assert.Equal(0, (8 + length) % 64);
        Assert.Equal((byte)'{', bytes[8]);
        using JsonDocument header = JsonDocument.Parse(bytes.AsMemory(8, length));
        Assert.Equal(
            """{"scalar":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"transposed":{"dtype":"F32","shape":[3,2],"data_offsets":[8,32]},"none":{"dtype":"F16","shape":[0,3],"data_offsets":[32,32]},"b":{"dtype":"I8","shape":[2],"data_offsets":[32,34]}}""",
            JsonSerializer.Serialize(header.RootElement));
        Assert.Equal([.. BitConverter.GetBytes(7L), .. new float[] { 1, 4, 2, 5, 3, 6 }.SelectMany(BitConverter.GetBytes), 0xFF, 2], bytes[(8 + length)..]);
    }

    [Fact]
    public void Npz_bytes_are_as_the_format_defines_them()
    {
        using ScratchFolder folder = new();
        string path = Path.Combine(folder.Path, "a.npz");
        NpzFile.Write(path, new Dictionary<string, TorchTensor>
        {
            ["w/1"] = TorchTensor.FromArray([1f, 2, 3, 4, 5, 6], 2, 3).Transpose(),
            ["v"] = TorchTensor.FromArray([true, false]),
            ["s"] = TorchTensor.FromArray([(short)-2]).Reshape(),
        });
        using ZipArchive archive = ZipFile.OpenRead(path);

        Assert.Equal(["w/1.npy", "v.npy", "s.npy"], archive.Entries.Select(entry => entry.FullName));
        Assert.All(archive.Entries, entry => Assert.Equal(entry.Length, entry.CompressedLength)); // stored, so that they can be mapped
        Check("w/1.npy", "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }", [.. new float[] { 1, 4, 2, 5, 3, 6 }.SelectMany(BitConverter.GetBytes)]);
        Check("v.npy", "{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }", [1, 0]);
        Check("s.npy", "{'descr': '<i2', 'fortran_order': False, 'shape': (), }", [0xFE, 0xFF]);

        void Check(string name, string header, byte[] data)
        {
            using MemoryStream content = new();
            using (Stream entry = archive.GetEntry(name)!.Open())
            {
                entry.CopyTo(content);
            }

            byte[] bytes = content.ToArray();
            Assert.Equal([0x93, .. "NUMPY\x01\0"u8], bytes[..8]);
            int length = BitConverter.ToUInt16(bytes, 8);
            Assert.Equal(0, (10 + length) % 64);
            Assert.Equal(header.PadRight(length - 1) + "\n", Encoding.ASCII.GetString(bytes, 10, length));
            Assert.Equal(data, bytes[(10 + length)..]);
        }
    }

    [Fact]
    public void Part_of_a_model_is_written_under_its_own_names()
    {
        using ScratchFolder folder = new();
        using WeightsMap w = WeightsMap.Open(ModelFiles.Find("lenet.pth"));
        string path = Path.Combine(folder.Path, "conv1.safetensors");
        w["conv1"].ConvertTo(TorchDType.BFloat16).SaveSafetensors(path);

        using TorchStateDict back = TorchStateDict.Open(path);
        Assert.Equal(["bias", "weight"], back.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(w["conv1.bias"].Tensor.ToArray<float>().Select(value => (float)RoundToBrain(value)), back["bias"].ToFloat32());

        // The upper half of the bits, plus one where the lower is more than half, or just half and the upper odd.
        static float RoundToBrain(float value)
        {
            uint bits = BitConverter.SingleToUInt32Bits(value);
            uint rest = bits & 0xFFFF;
            return BitConverter.UInt32BitsToSingle((bits >> 16) + (rest > 0x8000 || (rest == 0x8000 && (bits & 0x10000) != 0) ? 1u : 0u) << 16);
        }
    }

    [Fact]
    public void A_file_replaces_the_one_that_it_is_made_from_or_stays_as_it_was()
    {
        using ScratchFolder folder = new();
        string path = Path.Combine(folder.Path, "model.safetensors");
        SafetensorsFile.Write(path, new Dictionary<string, TorchTensor> { ["w"] = TorchTensor.FromArray([1f, 2]) });
        byte[] before = File.ReadAllBytes(path);

        Assert.Throws<ArgumentException>(() => SafetensorsFile.Write(path, new Dictionary<string, TorchTensor> { ["__metadata__"] = TorchTensor.FromArray([1f]) }));
        TorchStateDict closed = TorchStateDict.Open(ModelFiles.Find("lenet.pth"));
        Dictionary<string, TorchTensor> dead = closed.ToDictionary();
        closed.Dispose();
        Assert.Throws<ObjectDisposedException>(() => SafetensorsFile.Write(path, dead));
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(folder.Path));

        if (!OperatingSystem.IsWindows())
        {
            using WeightsMap w = WeightsMap.Open(path);
            w.RenamePrefix("w", "v").SaveSafetensors(path);
            Assert.Equal([1f, 2], w["w"].Tensor.ToArray<float>());
            using WeightsMap next = WeightsMap.Open(path);
            Assert.Equal(["v"], next.Names);
        }
    }

    [Fact]
    public void A_folder_that_cannot_be_written_to_is_named()
    {
        using ScratchFolder folder = new();
        string blocked = Path.Combine(folder.Write("file", [1]), "model.safetensors");

        IOException exception = Assert.Throws<IOException>(() => SafetensorsFile.Write(blocked, new Dictionary<string, TorchTensor>()));
        Assert.Contains("model.safetensors", exception.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_full_disk_is_an_error_and_leaves_nothing()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "/dev/full is Linux's.");
        using FileStream full = new("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);

        Assert.Throws<IOException>(() => SafetensorsFile.Write(full, new Dictionary<string, TorchTensor> { ["w"] = TorchTensor.FromArray(new float[1000]) }));
    }
}
