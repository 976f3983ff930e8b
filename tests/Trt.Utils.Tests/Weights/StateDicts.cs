using Xunit;

namespace Trt.Utils.Tests.Weights;

/// <summary>Compares state dicts by bits.</summary>
internal static class StateDicts
{
    public static void AssertSame(IReadOnlyDictionary<string, TorchTensor> expected, IReadOnlyDictionary<string, TorchTensor> actual)
    {
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), actual.Keys.Order(StringComparer.Ordinal));
        foreach ((string name, TorchTensor tensor) in expected)
        {
            AssertSame(name, tensor, actual[name]);
        }
    }

    public static void AssertSame(string name, TorchTensor expected, TorchTensor actual)
    {
        Assert.Equal(expected.DType, actual.DType);
        Assert.Equal(expected.Shape.ToArray(), actual.Shape.ToArray());
        Assert.True(expected.ToContiguous().Bytes.SequenceEqual(actual.ToContiguous().Bytes), name);
    }
}
