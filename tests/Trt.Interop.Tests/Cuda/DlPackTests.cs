using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Trt.Interop.Cuda;
using Xunit;

namespace Trt.Interop.Tests.Cuda;

/// <summary>DLPack tensors written and read by hand, by the offsets of dlpack.h for 64-bit systems.</summary>
[Collection("device")]
public sealed unsafe class DlPackTests
{
    private static int deleted;

    [Fact]
    public void AVersionedTensorIsLaidOutAsTheHeaderSays()
    {
        DeviceMemory<float> memory = new(24, Device.Host);
        int released = 0;
        nint tensor = DlPack.ExportVersioned(memory, [2, 3, 4], new DlExportOptions { IsReadOnly = true, Released = () => released++ });
        byte* at = (byte*)tensor;
        Assert.Equal((1u, 1u), (*(uint*)at, *(uint*)(at + 4)));
        Assert.Equal(1ul, *(ulong*)(at + 24)); // read-only
        Assert.Equal(memory.Pointer, *(nint*)(at + 32));
        Assert.Equal((1, 0), (*(int*)(at + 40), *(int*)(at + 44))); // kDLCPU
        Assert.Equal(3, *(int*)(at + 48));
        Assert.Equal((2, 32, 1), (at[52], at[53], *(ushort*)(at + 54))); // kDLFloat
        Assert.Equal([2, 3, 4], new ReadOnlySpan<long>(*(long**)(at + 56), 3).ToArray());
        Assert.Equal([12, 4, 1], new ReadOnlySpan<long>(*(long**)(at + 64), 3).ToArray());
        Assert.Equal(0ul, *(ulong*)(at + 72));
        Assert.False(memory.IsDisposed);
        ((delegate* unmanaged[Cdecl]<nint, void>)(*(nint*)(at + 16)))(tensor);
        Assert.True(memory.IsDisposed);
        Assert.Equal(1, released);
    }

    [Fact]
    public void APlainTensorIsLaidOutAsTheHeaderSays()
    {
        using DeviceMemory<ushort> memory = new(100, Device.Host);
        int released = 0;
        nint tensor = DlPack.Export(memory.Slice(10, 50), [5, 4], new DlExportOptions { Type = DlDataType.Of(DataType.BF16), Strides = [10, 2], LeaveOpen = true, Released = () => released++ });
        byte* at = (byte*)tensor;
        Assert.Equal(memory.Pointer + 20, *(nint*)at);
        Assert.Equal((1, 0), (*(int*)(at + 8), *(int*)(at + 12)));
        Assert.Equal(2, *(int*)(at + 16));
        Assert.Equal((4, 16, 1), (at[20], at[21], *(ushort*)(at + 22))); // kDLBfloat
        Assert.Equal([5, 4], new ReadOnlySpan<long>(*(long**)(at + 24), 2).ToArray());
        Assert.Equal([10, 2], new ReadOnlySpan<long>(*(long**)(at + 32), 2).ToArray());
        Assert.Equal(0ul, *(ulong*)(at + 40));
        DlPack.Delete(tensor);
        Assert.Equal(1, released);
        Assert.False(memory.IsDisposed);
        DlPack.Delete(0);
        DlPack.DeleteVersioned(0);
    }

    [Theory]
    [InlineData(DataType.Float, 2, 32)]
    [InlineData(DataType.Half, 2, 16)]
    [InlineData(DataType.BF16, 4, 16)]
    [InlineData(DataType.FP8, 10, 8)]
    [InlineData(DataType.E8M0, 14, 8)]
    [InlineData(DataType.Int64, 0, 64)]
    [InlineData(DataType.Int32, 0, 32)]
    [InlineData(DataType.Int8, 0, 8)]
    [InlineData(DataType.UInt8, 1, 8)]
    [InlineData(DataType.Bool, 6, 8)]
    public void TypesHaveTheHeadersNumbers(DataType type, int code, int bits)
    {
        DlDataType found = DlDataType.Of(type);
        Assert.Equal((code, bits, 1), ((int)found.Code, found.Bits, found.Lanes));
        Assert.True(found.TryGetDataType(out DataType back));
        Assert.Equal(type, back);
    }

    [Fact]
    public void WhatDlPackCannotExpressIsRefused()
    {
        using DeviceMemory<float> memory = new(10, Device.Host);
        Assert.Contains("UInt8", Assert.Throws<NotSupportedException>(() => DlDataType.Of(DataType.Int4)).Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => DlDataType.Of<Guid>());
        Assert.False(new DlDataType(DlTypeCode.Float, 64).TryGetDataType(out _));
        Assert.Contains("reaches to element 11", Assert.Throws<ArgumentException>(() => DlPack.ExportVersioned(memory, [3, 4])).Message, StringComparison.Ordinal);
        Assert.Contains("reaches to element 15", Assert.Throws<ArgumentException>(() => DlPack.Export(memory, [2, 2], new DlExportOptions { Strides = [10, 5] })).Message, StringComparison.Ordinal);
        Assert.Contains("use ExportVersioned", Assert.Throws<ArgumentException>(() => DlPack.Export(memory, [10], new DlExportOptions { IsReadOnly = true })).Message, StringComparison.Ordinal);
        Assert.Contains("16 bits", Assert.Throws<ArgumentException>(() => DlPack.Export(memory, [10], new DlExportOptions { Type = new DlDataType(DlTypeCode.Float, 16) })).Message, StringComparison.Ordinal);
        Assert.Contains("1 strides", Assert.Throws<ArgumentException>(() => DlPack.Export(memory, [2, 5], new DlExportOptions { Strides = [1] })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => DlPack.Export(memory, [-1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => DlPack.Export(memory, [2], new DlExportOptions { Strides = [-1] }));
        Assert.False(memory.IsDisposed);
    }

    [Fact]
    public void ATensorWithoutElementsHasNoAddress()
    {
        using DeviceMemory<int> memory = new(4, Device.Host);
        using DlTensor tensor = DlTensor.ImportVersioned(DlPack.ExportVersioned(memory, [0, 7], new DlExportOptions { LeaveOpen = true }));
        Assert.Equal(0, tensor.Pointer);
        Assert.Equal(0, tensor.Length);
        Assert.Throws<InvalidOperationException>(() => tensor.AsMemory<int>());
    }

    [Fact]
    public void AForeignTensorIsReadAndItsDeleterCalledOnce()
    {
        float* values = stackalloc float[12];
        for (int i = 0; i < 12; i++)
        {
            values[i] = i;
        }

        long* shape = stackalloc long[] { 2, 4 };
        byte* plain = stackalloc byte[64];
        Describe(plain, (nint)values, 1, 0, 2, 2, 32, shape, null, 4 * sizeof(float));
        *(nint*)(plain + 56) = (nint)(delegate* unmanaged[Cdecl]<nint, void>)&Count;
        deleted = 0;
        DlTensor tensor = DlTensor.Import((nint)plain);
        Assert.Equal([2L, 4], tensor.Shape.ToArray());
        Assert.Equal([4L, 1], tensor.Strides.ToArray());
        Assert.Equal((nint)(values + 4), tensor.Pointer);
        Assert.Equal((DlDeviceType.Cpu, 0, false, true), (tensor.DeviceType, tensor.DeviceId, tensor.IsReadOnly, tensor.IsContiguous));
        DeviceMemory<float> memory = tensor.AsMemory<float>();
        Assert.Same(Device.Host, memory.Device);
        Assert.Equal([4f, 5, 6, 7, 8, 9, 10, 11], memory.ToArray());
        Assert.Contains("which Int32 does not hold", Assert.Throws<ArgumentException>(() => tensor.AsMemory<int>()).Message, StringComparison.Ordinal);
        Assert.Equal(0, deleted);
        tensor.Dispose();
        tensor.Dispose();
        Assert.Equal(1, deleted);
        Assert.Throws<ObjectDisposedException>(() => memory.ToArray());
        Assert.Throws<ObjectDisposedException>(() => tensor.AsMemory<float>());
    }

    [Fact]
    public void AVersionedTensorWithGapsOrWithoutRightsIsTold()
    {
        ushort* values = stackalloc ushort[8];
        long* shape = stackalloc long[] { 2, 2 };
        long* strides = stackalloc long[] { 4, 2 };
        byte* versioned = stackalloc byte[80];
        new Span<byte>(versioned, 80).Clear();
        *(uint*)versioned = 1;
        *(nint*)(versioned + 16) = (nint)(delegate* unmanaged[Cdecl]<nint, void>)&Count;
        *(ulong*)(versioned + 24) = 1;
        Describe(versioned + 32, (nint)values, 3, 0, 2, 4, 16, shape, strides, 0);
        deleted = 0;
        using (DlTensor tensor = DlTensor.ImportVersioned((nint)versioned))
        {
            Assert.True(tensor is { IsReadOnly: true, IsContiguous: false, DeviceType: DlDeviceType.CudaHost });
            Assert.Contains("strides [4, 2]", Assert.Throws<InvalidOperationException>(() => tensor.AsMemory<ushort>()).Message, StringComparison.Ordinal);
        }

        Assert.Equal(1, deleted);
        strides[0] = 2;
        strides[1] = 1;
        using (DlTensor tensor = DlTensor.ImportVersioned((nint)versioned))
        {
            Assert.Contains("read-only", Assert.Throws<InvalidOperationException>(() => tensor.AsMemory<ushort>()).Message, StringComparison.Ordinal);
            Assert.Equal(4, tensor.AsMemory<ushort>(forReading: true).Length);
        }

        *(uint*)versioned = 2;
        Assert.Contains("DLPack 2.0", Assert.Throws<NotSupportedException>(() => DlTensor.ImportVersioned((nint)versioned)).Message, StringComparison.Ordinal);
        Assert.Equal(2, deleted);
        DlPack.DeleteVersioned((nint)versioned);
        Assert.Equal(3, deleted);
    }

    [Theory]
    [InlineData(4, 2, 32, "device type 4")]
    [InlineData(1, -1, 32, "-1 axes")]
    [InlineData(1, 1000, 32, "1000 axes")]
    [InlineData(1, 2, 0, "0 bits")]
    public void ATensorThatContradictsItselfIsRefusedAndStaysItsOwners(int deviceType, int axes, int bits, string words)
    {
        long value = 0;
        long* shape = stackalloc long[] { 1, 1 };
        byte* plain = stackalloc byte[64];
        Describe(plain, (nint)(&value), deviceType, 0, axes, 2, bits, shape, null, 0);
        *(nint*)(plain + 56) = (nint)(delegate* unmanaged[Cdecl]<nint, void>)&Count;
        deleted = 0;
        Exception error = Assert.ThrowsAny<Exception>(() => DlTensor.Import((nint)plain));
        Assert.True(error is ArgumentException or NotSupportedException);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Equal(0, deleted);
    }

    [Fact]
    public void HandlesForOtherProcessesAreRefusedOnTheHost()
    {
        using DeviceMemory<int> memory = new(4, Device.Host);
        Assert.Equal(CudaResult.NotSupported, Assert.Throws<CudaException>(() => memory.GetIpcHandle(out _)).Result);
        Assert.Contains("this process's own", Assert.Throws<CudaException>(() => DeviceMemory<int>.OpenIpc(default, 4, 0, Device.Host)).Message, StringComparison.Ordinal);
        using CudaEvent mark = new(Device.Host);
        Assert.Throws<CudaException>(() => mark.GetIpcHandle());
        Assert.Throws<CudaException>(() => CudaEvent.OpenIpc(default, Device.Host));
        Assert.Throws<CudaException>(() => new DeviceMemoryPool(Device.Host, isShareable: true));
        byte[] bytes = [.. Enumerable.Range(0, 64).Select(i => (byte)i)];
        Assert.Equal(bytes, new IpcMemoryHandle(bytes).ToArray());
        Assert.True(new IpcEventHandle(bytes) == new IpcEventHandle(bytes) && new IpcEventHandle(bytes) != default);
        Assert.Throws<ArgumentException>(() => new IpcMemoryHandle(bytes.AsSpan(1)));
        Assert.Equal(64, Unsafe.SizeOf<IpcPoolPointer>());
    }

    private static void Describe(byte* at, nint data, int deviceType, int deviceId, int axes, int code, int bits, long* shape, long* strides, ulong byteOffset)
    {
        *(nint*)at = data;
        *(int*)(at + 8) = deviceType;
        *(int*)(at + 12) = deviceId;
        *(int*)(at + 16) = axes;
        at[20] = (byte)code;
        at[21] = (byte)bits;
        *(ushort*)(at + 22) = 1;
        *(long**)(at + 24) = shape;
        *(long**)(at + 32) = strides;
        *(ulong*)(at + 40) = byteOffset;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Count(nint tensor) => deleted++;
}
