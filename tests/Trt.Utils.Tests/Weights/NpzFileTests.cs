using System.IO.Compression;
using System.Text;
using Xunit;

namespace Trt.Utils.Tests.Weights;

public class NpzFileTests
{
    [Fact]
    public void Numbers_of_every_type_are_read_exactly()
    {
        Assert.Equal([1.5, -2.25, double.MaxValue], Read("<f8", "(3,)", Bytes(1.5, -2.25, double.MaxValue)).ToArray<double>());
        Assert.Equal([1.5f, float.Epsilon], Read("<f4", "(2,)", Bytes(1.5f, float.Epsilon)).ToArray<float>());
        Assert.Equal([(Half)1.5, (Half)(-0.1)], Read("<f2", "(2,)", Bytes((Half)1.5, (Half)(-0.1))).ToArray<Half>());
        Assert.Equal([long.MinValue], Read("<i8", "(1,)", Bytes(long.MinValue)).ToArray<long>());
        Assert.Equal([int.MinValue], Read("<i4", "(1,)", Bytes(int.MinValue)).ToArray<int>());
        Assert.Equal([short.MinValue], Read("<i2", "(1,)", Bytes(short.MinValue)).ToArray<short>());
        Assert.Equal([sbyte.MinValue], Read("|i1", "(1,)", [0x80]).ToArray<sbyte>());
        Assert.Equal([ulong.MaxValue], Read("<u8", "(1,)", Bytes(ulong.MaxValue)).ToArray<ulong>());
        Assert.Equal([uint.MaxValue], Read("<u4", "(1,)", Bytes(uint.MaxValue)).ToArray<uint>());
        Assert.Equal([ushort.MaxValue], Read("<u2", "(1,)", Bytes(ushort.MaxValue)).ToArray<ushort>());
        Assert.Equal([byte.MaxValue], Read("|u1", "(1,)", [255]).ToArray<byte>());
        Assert.Equal([true, false], Read("|b1", "(2,)", [1, 0]).ToArray<bool>());
    }

    [Fact]
    public void Floating_point_numbers_can_be_had_as_single_precision()
    {
        Assert.Equal([1.5f, 0.1f], Read("<f8", "(2,)", Bytes(1.5, 0.1)).ToFloat32());
        Assert.Equal([1.5f], Read("<f2", "(1,)", Bytes((Half)1.5)).ToFloat32());
        Assert.Equal([0.1f], Read("<f4", "(1,)", Bytes(0.1f)).ToFloat32());
        Assert.Throws<InvalidOperationException>(() => Read("<i4", "(1,)", Bytes(1)).ToFloat32());
        Assert.Throws<InvalidOperationException>(() => Read("<i4", "(1,)", Bytes(1)).ToArray<float>());
    }

    [Fact]
    public void Shapes_of_scalars_empty_and_Fortran_arrays_are_understood()
    {
        Kept scalar = Read("<i4", "()", Bytes(42));
        Assert.Empty(scalar.Shape);
        Assert.Equal([42], scalar.ToArray<int>());

        Kept empty = Read("<i4", "(3, 0, 2)", []);
        Assert.Equal([3L, 0, 2], empty.Shape);
        Assert.Empty(empty.ToArray<int>());

        // Columns first: 1 2 / 3 4 / 5 6 lies as 1 3 5 2 4 6.
        Kept columns = Read("<i4", "(3L, 2L)", Bytes(1, 3, 5, 2, 4, 6), fortran: true);
        Assert.True(columns.IsFortranOrder);
        Assert.Equal([3L, 2], columns.Shape);
        Assert.Equal([1, 2, 3, 4, 5, 6], columns.ToArray<int>());
    }

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void Stored_and_compressed_archives_hold_the_same(CompressionLevel level)
    {
        float[] values = [.. Enumerable.Range(0, 40_000).Select(i => i / 4f)];
        byte[] archive = Checkpoint.Archive(level, ("a/b.npy", Npy("<f4", "(200, 200)", Bytes(values))), ("c.npy", Npy("|u1", "(2,)", [7, 8])));
        using ScratchFile file = new(archive, ".npz");
        using NpzFile npz = NpzFile.Open(file.Path);

        Assert.Equal(["a/b", "c"], npz.Keys);
        Assert.Equal([200L, 200], npz["a/b"].Shape.ToArray());
        Assert.Equal(values, npz["a/b"].ToArray<float>());
        Assert.True(npz["c"].Bytes.SequenceEqual((byte[])[7, 8]));
        Assert.Same(npz["c"], npz["c"]);
        Assert.Equal(2, npz.Count);
        Assert.Equal(2, npz.Values.Count());
        Assert.False(npz.TryGetValue("d", out _));
        Assert.Contains("a/b, c", Assert.Throws<KeyNotFoundException>(() => npz["d"]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_single_array_is_found_under_its_files_name()
    {
        using ScratchFile file = new(Npy("<i8", "(2,)", Bytes(5L, 6L)), ".npy");
        using NpzFile npz = NpzFile.Open(file.Path);
        Assert.Equal([5L, 6L], npz[Path.GetFileNameWithoutExtension(file.Path)].ToArray<long>());
    }

    [Fact]
    public void A_compressed_golden_agrees_with_itself()
    {
        using NpzFile npz = NpzFile.Open(ModelFiles.Find("lenet_golden.npz"));
        Assert.Equal([200L, 1, 28, 28], npz["data"].Shape.ToArray());
        Assert.All(npz["data"].ToArray<float>(), pixel => Assert.InRange(pixel, 0f, 1f));

        // Rows of prob are log-probabilities: they add up to one.
        float[] prob = npz["prob"].ToArray<float>();
        Assert.All(prob.Chunk(10), row => Assert.Equal(1.0, row.Sum(value => Math.Exp(value)), 1e-5));
        Assert.All(npz["labels"].ToArray<long>(), label => Assert.InRange(label, 0, 9));
    }

    [Theory]
    [InlineData("'descr': '>f4', 'fortran_order': False, 'shape': (1,)", "big-endian")]
    [InlineData("'descr': '|O', 'fortran_order': False, 'shape': (1,)", "Python objects")]
    [InlineData("'descr': '<c8', 'fortran_order': False, 'shape': (1,)", "complex")]
    [InlineData("'descr': '<U5', 'fortran_order': False, 'shape': (1,)", "<U5")]
    [InlineData("'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,)", "records")]
    [InlineData("'descr': '<f4', 'fortran_order': False, 'shape': (1073741824,)", "only 4 bytes")]
    [InlineData("'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)", "only 4 bytes")]
    [InlineData("'descr': '<f4', 'fortran_order': False, 'shape': (-1,)", "without its shape")]
    [InlineData("'descr': '<f4', 'fortran_order': False, 'shape': (1", "without its shape")]
    [InlineData("'descr': '<f4', 'fortran_order': 3, 'shape': (1,)", "without its order")]
    [InlineData("'fortran_order': False, 'shape': (1,)", "without its type")]
    public void What_cannot_be_read_is_refused_in_words(string header, string said)
    {
        byte[] array = Raw("{" + header + "}", new byte[4]);
        using ScratchFile file = new(Checkpoint.Archive(CompressionLevel.NoCompression, ("x.npy", array)), ".npz");
        using NpzFile npz = NpzFile.Open(file.Path);

        NpzFormatException exception = Assert.Throws<NpzFormatException>(() => npz["x"]);

        Assert.Equal(file.Path, exception.Path);
        Assert.Contains("\"x\"", exception.Message, StringComparison.Ordinal);
        Assert.Contains(said, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_archives_are_refused_or_read()
    {
        byte[] good = File.ReadAllBytes(ModelFiles.Find("mixed_golden.npz"));
        for (int length = 0; length < good.Length; length += 11)
        {
            Assert.False(ReadsAll(good[..length]), $"cut to {length}");
        }

        Random random = new(5);
        int refused = 0;
        for (int i = 0; i < 2000; i++)
        {
            byte[] content = [.. good];
            content[random.Next(content.Length)] ^= (byte)(1 << random.Next(8));
            refused += ReadsAll(content) ? 0 : 1;
        }

        Assert.InRange(refused, 1, 1999);
    }

    [Fact]
    public void Use_after_dispose_is_an_exception()
    {
        using ScratchFile file = new(Checkpoint.Archive(CompressionLevel.NoCompression, ("fc2.bias.npy", Npy("<f4", "(10,)", new byte[40]))), ".npz");
        NpzFile npz = NpzFile.Open(file.Path);
        NpzArray array = npz["fc2.bias"];
        npz.Dispose();
        npz.Dispose();

        Assert.Throws<ObjectDisposedException>(() => npz["fc2.bias"]);
        Assert.Throws<ObjectDisposedException>(() => npz.Keys);
        Assert.Throws<ObjectDisposedException>(() => npz.Values);
        Assert.Throws<ObjectDisposedException>(() => npz.Count);
        Assert.Throws<ObjectDisposedException>(() => npz.GetEnumerator());
        Assert.Throws<ObjectDisposedException>(() => array.Bytes.Length);
        Assert.Throws<ObjectDisposedException>(() => array.ToArray<float>());
        Assert.Equal([10L], array.Shape.ToArray());
    }

    private static bool ReadsAll(byte[] content)
    {
        using ScratchFile file = new(content, ".npz");
        try
        {
            using NpzFile npz = NpzFile.Open(file.Path);
            foreach (NpzArray array in npz.Values)
            {
                Assert.True(array.Bytes.SequenceEqual(array.Bytes.ToArray()));
            }

            return true;
        }
        catch (NpzFormatException)
        {
            return false;
        }
    }

    private static Kept Read(string descriptor, string shape, byte[] data, bool fortran = false) =>
        new(Npy(descriptor, shape, data, fortran));

    private static byte[] Npy(string descriptor, string shape, byte[] data, bool fortran = false) =>
        Raw($"{{'descr': '{descriptor}', 'fortran_order': {(fortran ? "True" : "False")}, 'shape': {shape}, }}", data);

    /// <summary>NumPy's format version 1: magic, version, header length, header padded to 64 bytes with a line feed last, data.</summary>
    private static byte[] Raw(string header, byte[] data)
    {
        string padded = header.PadRight(((10 + header.Length) / 64 * 64) + 64 - 10 - 1) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)padded.Length, (byte)(padded.Length >> 8), .. Encoding.ASCII.GetBytes(padded), .. data];
    }

    private static byte[] Bytes<T>(params T[] values)
        where T : unmanaged => System.Runtime.InteropServices.MemoryMarshal.AsBytes<T>(values).ToArray();

    /// <summary>An array whose file lives just long enough to be read.</summary>
    private sealed class Kept(byte[] npy)
    {
        public long[] Shape => Use(array => array.Shape.ToArray());

        public bool IsFortranOrder => Use(array => array.IsFortranOrder);

        public T[] ToArray<T>()
            where T : unmanaged => Use(array => array.ToArray<T>());

        public float[] ToFloat32() => Use(array => array.ToFloat32());

        private TResult Use<TResult>(Func<NpzArray, TResult> use)
        {
            using ScratchFile file = new(npy, ".npy");
            using NpzFile npz = NpzFile.Open(file.Path);
            return use(npz.Values.Single());
        }
    }
}
