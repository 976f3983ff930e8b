using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Xunit;

namespace Trt.Utils.Tests.Weights;

/// <summary>The checkpoint with one of everything, against what PyTorch itself said of it when it was made.</summary>
public class TorchMixedTests
{
    [Theory]
    [InlineData("mixed.pth")]
    [InlineData("mixed_legacy.pth")]
    public void Every_tensor_equals_its_golden_bit_for_bit(string name)
    {
        using TorchStateDict dict = TorchStateDict.Open(ModelFiles.Find(name));
        using NpzFile golden = NpzFile.Open(ModelFiles.Find("mixed_golden.npz"));
        Dictionary<string, TorchTensor> tensors = Checkpoint.Tensors(dict.Root);

        Assert.Equal(golden.Keys.Order(StringComparer.Ordinal), tensors.Keys.Order(StringComparer.Ordinal));
        foreach ((string key, NpzArray expected) in golden)
        {
            TorchTensor tensor = tensors[key];
            Assert.Equal(expected.Shape.ToArray(), tensor.Shape.ToArray());
            Assert.Equal(expected.ElementCount, tensor.ElementCount);
            if (tensor.DType == TorchDType.BFloat16)
            {
                // The golden is widened; the upper halves of its bits are the bfloat16 values.
                Assert.Equal(expected.ToArray<float>().Select(BitConverter.SingleToUInt32Bits), tensor.ToFloat32().Select(BitConverter.SingleToUInt32Bits));
                Assert.Equal(expected.ToArray<float>().Select(value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)), tensor.ToArray<ushort>());
                continue;
            }

            Assert.Equal(expected.DType.ToString(), tensor.DType.ToString());
            Assert.True(expected.Bytes.SequenceEqual(tensor.ToContiguous().Bytes), key);
            Assert.True(expected.Bytes.SequenceEqual(ArrayBytes(tensor)), key);
        }
    }

    [Theory]
    [InlineData("mixed.pth")]
    [InlineData("mixed_legacy.pth")]
    public void All_that_is_no_tensor_equals_the_structure(string name)
    {
        using TorchStateDict dict = TorchStateDict.Open(ModelFiles.Find(name));
        using JsonDocument structure = JsonDocument.Parse(File.ReadAllBytes(ModelFiles.Find("mixed_structure.json")));

        Compare(structure.RootElement, dict.Root, "");
    }

    [Theory]
    [InlineData("mixed.pth")]
    [InlineData("mixed_legacy.pth")]
    public void Views_share_their_storage_and_say_how(string name)
    {
        using TorchStateDict dict = TorchStateDict.Open(ModelFiles.Find(name));
        TorchDictionary views = Assert.IsType<TorchDictionary>(((TorchDictionary)dict.Root!)["views"]);
        TorchTensor whole = (TorchTensor)views["whole"]!;
        TorchTensor transposed = (TorchTensor)views["transposed"]!;

        Assert.Equal([8L, 1L], whole.Strides.ToArray());
        Assert.Equal([1L, 8L], transposed.Strides.ToArray());
        Assert.Equal(whole.StorageKey, transposed.StorageKey);
        Assert.Equal(3, ((TorchTensor)views["column"]!).Offset);
        Assert.True(whole.IsContiguous);
        Assert.False(transposed.IsContiguous);

        InvalidOperationException exception = Assert.Throws<InvalidOperationException>(() => transposed.Bytes.Length);
        Assert.Contains("\"transposed\"", exception.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => transposed.Pointer);
        TorchTensor copy = transposed.ToContiguous();
        Assert.Same(copy, transposed.ToContiguous());
        Assert.Equal([6L, 1L], copy.Strides.ToArray());
        Assert.Equal(transposed.ToArray<float>(), copy.ToArray<float>());
        Assert.NotEqual(0, copy.Pointer);
    }

    [Fact]
    public void The_state_dict_of_a_flat_file_has_its_own_tensors_only()
    {
        using TorchStateDict dict = TorchStateDict.Open(ModelFiles.Find("mixed.pth"));

        Assert.Contains("float64", dict.Keys);
        Assert.DoesNotContain("text", dict.Keys);
        Assert.DoesNotContain("views", dict.Keys);
        Assert.True(dict["parameter"].IsParameter);
        Assert.True(dict["parameter"].RequiresGrad);
        Assert.True(dict["frozen_parameter"].IsParameter);
        Assert.False(dict["frozen_parameter"].RequiresGrad);
        Assert.Equal(0, dict["empty"].Pointer);
        Assert.Throws<InvalidOperationException>(() => dict["int64"].ToFloat32());
    }

    private static byte[] ArrayBytes(TorchTensor tensor) => tensor.DType switch
    {
        TorchDType.Float64 => Bytes(tensor.ToArray<double>()),
        TorchDType.Float32 => Bytes(tensor.ToArray<float>()),
        TorchDType.Float16 => Bytes(tensor.ToArray<Half>()),
        TorchDType.Int64 => Bytes(tensor.ToArray<long>()),
        TorchDType.Int32 => Bytes(tensor.ToArray<int>()),
        TorchDType.Int16 => Bytes(tensor.ToArray<short>()),
        TorchDType.Int8 => Bytes(tensor.ToArray<sbyte>()),
        TorchDType.UInt8 => tensor.ToArray<byte>(),
        TorchDType.Bool => Bytes(tensor.ToArray<bool>()),
        _ => throw new InvalidOperationException($"{tensor} is not expected."),
    };

    private static byte[] Bytes<T>(T[] values)
        where T : unmanaged => System.Runtime.InteropServices.MemoryMarshal.AsBytes<T>(values).ToArray();

    private static void Compare(JsonElement expected, object? actual, string path)
    {
        switch (expected.ValueKind)
        {
            case JsonValueKind.Null:
                Assert.Null(actual);
                return;
            case JsonValueKind.String:
                Assert.Equal(expected.GetString(), Assert.IsType<string>(actual));
                return;
            case JsonValueKind.True or JsonValueKind.False:
                Assert.Equal(expected.GetBoolean(), Assert.IsType<bool>(actual));
                return;
        }

        JsonProperty kind = expected.EnumerateObject().First();
        switch (kind.Name)
        {
            case "dict" or "ordered":
                TorchDictionary dictionary = Assert.IsType<TorchDictionary>(actual);
                Assert.Equal(kind.Name == "ordered", dictionary.IsOrderedDict);
                JsonElement[] entries = [.. kind.Value.EnumerateArray()];
                Assert.Equal(entries.Length, dictionary.Count);
                foreach ((JsonElement entry, KeyValuePair<object, object?> pair) in entries.Zip(dictionary))
                {
                    object key = entry[0].ValueKind == JsonValueKind.String ? entry[0].GetString()! : entry[0].GetProperty("int").GetInt64();
                    Assert.Equal(key, pair.Key);
                    Assert.Same(pair.Value, dictionary[key is long number ? (int)number : key]);
                    Compare(entry[1], pair.Value, $"{path}/{key}");
                }

                break;
            case "list":
                CompareItems(kind.Value, Assert.IsType<List<object?>>(actual), path);
                break;
            case "tuple":
                CompareItems(kind.Value, Assert.IsType<object?[]>(actual), path);
                break;
            case "int":
                BigInteger value = BigInteger.Parse(kind.Value.ValueKind == JsonValueKind.String ? kind.Value.GetString()! : kind.Value.GetRawText(), CultureInfo.InvariantCulture);
                Assert.Equal(value, actual is long small ? small : Assert.IsType<BigInteger>(actual));
                break;
            case "float":
                string text = kind.Value.GetString()!;
                Assert.Equal(text == "inf" ? double.PositiveInfinity : double.Parse(text, CultureInfo.InvariantCulture), Assert.IsType<double>(actual));
                break;
            case "size":
                Assert.Equal(kind.Value.EnumerateArray().Select(item => item.GetInt64()), Assert.IsType<TorchSize>(actual).Dimensions.ToArray());
                break;
            case "dtype":
                Assert.Equal(kind.Value.GetString(), Assert.IsType<TorchDType>(actual).TorchName());
                break;
            case "tensor":
                TorchTensor tensor = Assert.IsType<TorchTensor>(actual);
                Assert.Equal(kind.Value.GetString(), tensor.DType.TorchName());
                Assert.Equal(expected.GetProperty("shape").EnumerateArray().Select(item => item.GetInt64()), tensor.Shape.ToArray());
                Assert.Equal(expected.GetProperty("parameter").GetBoolean(), tensor.IsParameter);
                break;
            default:
                Assert.Fail($"mixed_structure.json has the unknown kind {kind.Name} at {path}.");
                break;
        }
    }

    private static void CompareItems(JsonElement expected, IReadOnlyList<object?> actual, string path)
    {
        Assert.Equal(expected.GetArrayLength(), actual.Count);
        int index = 0;
        foreach (JsonElement item in expected.EnumerateArray())
        {
            Compare(item, actual[index], $"{path}/{index}");
            index++;
        }
    }
}
