using System.Runtime.InteropServices;
using Trt.Utils;
using Xunit;

namespace Trt.Cli.Tests.Models;

public sealed class TensorFilesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;
    private readonly TensorSlot[] two = [new("x", TorchDType.Float32, [-1, 2]), new("n", TorchDType.Int64, [2])];

    [Fact]
    public void Arrays_come_by_name_from_archives_and_alone()
    {
        string all = Save("all", ("x", TorchTensor.FromArray<float>([1, 2, 3, 4], 2, 2)), ("n", TorchTensor.FromArray<int>([5, 6])), ("other", TorchTensor.FromArray<float>([0])));
        IReadOnlyDictionary<string, TorchTensor> read = TensorFiles.Read([all], two);
        Assert.Equal(["n", "x"], read.Keys.Order());
        Assert.Equal([1f, 2, 3, 4], read["x"].ToArray<float>());
        Assert.Equal(new long[] { 2, 2 }, read["x"].Shape);
        Assert.Equal([5L, 6], read["n"].ToArray<long>());

        string one = Save("one", ("arr_0", TorchTensor.FromArray<float>([7, 8], 1, 2)));
        Assert.Equal([7f, 8], TensorFiles.Read([$"x={one}"], two)["x"].ToArray<float>());
        Assert.Equal([7f, 8], TensorFiles.Read([one], two[..1])["x"].ToArray<float>());
    }

    [Fact]
    public void Bare_bytes_take_the_shape_that_is_said()
    {
        string raw = Path.Combine(folder, "x.bin");
        File.WriteAllBytes(raw, MemoryMarshal.AsBytes<float>([1, 2, 3, 4]).ToArray());
        TorchTensor x = TensorFiles.Read([$"x:{raw}"], two, ShapeText.Parse("x:2x2", "--shapes"))["x"];
        Assert.Equal(new long[] { 2, 2 }, x.Shape);
        Assert.Equal([1f, 2, 3, 4], x.ToArray<float>());
        Refuses("--shapes x:", $"x:{raw}");
        Refuses("16 bytes", ShapeText.Parse("x:3x2", "--shapes"), $"x:{raw}");
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        string wrongShape = Save("shape", ("x", TorchTensor.FromArray<float>([1, 2, 3])));
        Refuses("input \"x\" is -1x2, but the file has 3", wrongShape);
        string fractions = Save("fractions", ("n", TorchTensor.FromArray<float>([1.5f, 2])));
        Refuses("input \"n\" is int64, the file's float32 does not fit", fractions);
        string unknown = Save("unknown", ("p", TorchTensor.FromArray<float>([1])), ("q", TorchTensor.FromArray<float>([1])));
        Refuses("\"p\", \"q\", none of which is an input: \"x\", \"n\"", unknown);
        Refuses("no input \"y\"; it has \"x\", \"n\"", $"y={unknown}");
        Refuses("several tensors and none of that name", $"x={unknown}");
        Refuses("there is no file", "x=nowhere.npy");
    }

    [Fact]
    public void Random_values_keep_to_trtexec_s_ranges_and_to_their_name()
    {
        float[] floats = RandomTensors.Of("x", TorchDType.Float32, [1000]).ToArray<float>();
        Assert.All(floats, value => Assert.InRange(value, -1, 1));
        Assert.InRange(floats.Min(), -1, -0.9f);
        Assert.InRange(floats.Max(), 0.9f, 1);
        Assert.Equal(floats, RandomTensors.Of("x", TorchDType.Float32, [1000]).ToArray<float>());
        Assert.NotEqual(floats, RandomTensors.Of("y", TorchDType.Float32, [1000]).ToArray<float>());
        Assert.NotEqual(floats, RandomTensors.Of("x", TorchDType.Float32, [1000], seed: 2).ToArray<float>());
        Assert.All(RandomTensors.Of("n", TorchDType.Int32, [1000]).ToArray<int>(), value => Assert.InRange(value, -128, 127));
        Assert.Equal(new byte[] { 0, 1 }, RandomTensors.Of("b", TorchDType.Bool, [1000]).Bytes.ToArray().Distinct().Order());
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private void Refuses(string reason, string text) => Refuses(reason, null, text);

    private void Refuses(string reason, IReadOnlyDictionary<string, long[]>? shapes, string text) =>
        Assert.Contains(reason, Assert.Throws<UserError>(() => TensorFiles.Read([text], two, shapes)).Message, StringComparison.Ordinal);

    private string Save(string name, params (string Name, TorchTensor Tensor)[] tensors)
    {
        string path = Path.Combine(folder, name + ".npz");
        TensorFiles.WriteNpz(path, tensors.Select(tensor => KeyValuePair.Create(tensor.Name, tensor.Tensor)));
        return path;
    }
}
