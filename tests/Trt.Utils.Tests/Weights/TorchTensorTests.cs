using System.Runtime.CompilerServices;
using Xunit;

namespace Trt.Utils.Tests.Weights;

public class TorchTensorTests
{
    [Fact]
    public void An_array_becomes_a_tensor_without_a_copy()
    {
        float[] values = [1, 2, 3, 4, 5, 6];
        TorchTensor tensor = TorchTensor.FromArray(values, 2, 3);

        Assert.Equal([2L, 3], tensor.Shape.ToArray());
        Assert.Equal([3L, 1], tensor.Strides.ToArray());
        Assert.Equal(TorchDType.Float32, tensor.DType);
        Assert.Equal(values, tensor.ToArray<float>());
        unsafe
        {
            Assert.Equal((nint)Unsafe.AsPointer(ref values[0]), tensor.Pointer);
        }

        Assert.Equal([6L], TorchTensor.FromArray(values).Shape.ToArray());
        Assert.Empty(TorchTensor.FromArray([5f]).Reshape().Shape.ToArray());
        Assert.Equal([true, false], TorchTensor.FromArray([true, false]).ToArray<bool>());
        Assert.Equal(TorchDType.BFloat16, TorchTensor.FromBytes([0x80, 0x3F], TorchDType.BFloat16).DType);
        Assert.Equal([1f], TorchTensor.FromBytes([0x80, 0x3F], TorchDType.BFloat16).ToFloat32());
        Assert.Equal(0, TorchTensor.FromArray(Array.Empty<int>(), 3, 0).Pointer);
        Assert.Throws<ArgumentException>(() => TorchTensor.FromArray(values, 7));
        Assert.Throws<ArgumentException>(() => TorchTensor.FromArray(values, -2, -3));
        Assert.Throws<ArgumentException>(() => TorchTensor.FromArray(values, long.MaxValue, long.MaxValue));
        Assert.Throws<ArgumentException>(() => TorchTensor.FromArray(new decimal[1]));
        Assert.Throws<ArgumentException>(() => TorchTensor.FromBytes(new byte[3], TorchDType.Float16));
    }

    [Fact]
    public void Weights_keep_the_values_of_a_forgotten_tensor()
    {
        Trt.Interop.Weights weights = Make();
        for (int i = 0; i < 5; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            _ = new byte[1 << 20];
        }

        Assert.Equal(Enumerable.Range(0, 10_000).Select(i => (float)((i % 100 * 100) + (i / 100))), weights.AsSpan<float>().ToArray());
        GC.KeepAlive(weights.Owner);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static Trt.Interop.Weights Make() => TorchTensor.FromArray([.. Enumerable.Range(0, 10_000).Select(i => (double)i)], 100, 100).ConvertTo(TorchDType.Float32).Transpose().ToWeights();
    }

    [Fact]
    public void Views_share_the_values()
    {
        TorchTensor tensor = TorchTensor.FromArray([.. Enumerable.Range(0, 24)], 2, 3, 4);

        Assert.Equal(Enumerable.Range(0, 24), tensor.Reshape(4, -1).ToArray<int>());
        Assert.Equal([4L, 6], tensor.Reshape(4, -1).Shape.ToArray());
        TorchTensor permuted = tensor.Permute(2, 0, -2);
        Assert.Equal([4L, 2, 3], permuted.Shape.ToArray());
        Assert.False(permuted.IsContiguous);
        Assert.Equal(from i in Enumerable.Range(0, 4) from j in Enumerable.Range(0, 2) from k in Enumerable.Range(0, 3) select (12 * j) + (4 * k) + i, permuted.ToArray<int>());
        Assert.Equal(permuted.ToArray<int>(), permuted.Reshape(24).ToArray<int>());
        Assert.Equal(permuted.ToArray<int>(), permuted.ToWeights().AsSpan<int>().ToArray());
        Assert.Equal([2L, 4, 3], tensor.Transpose().Shape.ToArray());
        TorchTensor slice = tensor.Slice(1, 1, 2);
        Assert.Equal([4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23], slice.ToArray<int>());
        Assert.Equal([9, 10, 11, 21, 22, 23], slice.Slice(1, 1, 1).Slice(-1, 1, 3).ToArray<int>());
        Assert.Empty(tensor.Slice(0, 2, 0).ToArray<int>());
        Assert.Throws<ArgumentException>(() => tensor.Slice(1, 2, 2));
        Assert.Throws<ArgumentException>(() => tensor.Slice(3, 0, 1));
        Assert.Throws<ArgumentException>(() => tensor.Slice(0, long.MaxValue, 2));
        Assert.Throws<ArgumentException>(() => tensor.Permute(0, 1));
        Assert.Throws<ArgumentException>(() => tensor.Permute(0, 1, 1));
        Assert.Throws<ArgumentException>(() => tensor.Reshape(5, -1));
        Assert.Throws<ArgumentException>(() => tensor.Reshape(25));
        Assert.Throws<ArgumentException>(() => tensor.Reshape(-1, -1));
    }
}
