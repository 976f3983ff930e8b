using Trt.Interop.Cuda;

namespace Trt.Interop.Tests.Cuda;

/// <summary>Allocations, copies and fills.</summary>
internal static unsafe class MemoryConformance
{
    internal static readonly ConformanceCase[] Cases =
    [
        new("memory comes back as it was copied", RoundTrip),
        new("memory is aligned and its address is never 0", Addresses),
        new("slices and casts see the same bytes", Slices),
        new("copies and slices are bounds-checked", Bounds),
        new("fills write each element", Fills),
        new("asynchronous copies through pinned memory", AsyncCopies),
        new("copies within a device", DeviceCopies),
        new("copies between a GPU and the host stand-in", MixedCopies),
        new("pool memory is allocated and freed in stream order", Pool),
        new("too large an allocation names size and device", OutOfMemory),
        new("copies between two devices", PeerCopies, Devices: 2),
        new("debug builds refuse a stream of another device", DeviceMismatch, Devices: 2),
    ];

    internal static T[] Sequence<T>(int length, Func<int, T> make) => Enumerable.Range(0, length).Select(make).ToArray();

    private static void RoundTrip(Device device)
    {
        Random random = new(7);
        byte[] bytes = new byte[100_003];
        random.NextBytes(bytes);
        Check(device, bytes);
        Check(device, Sequence(5000, i => (ushort)(i * 13)));
        Check(device, Sequence(5000, i => i * 0.25f));
        Check(device, Sequence(5000, i => Math.Sqrt(i)));
        Check(device, Sequence(1, i => 42L));
        Check(device, Array.Empty<float>());

        static void Check<T>(Device device, T[] values)
            where T : unmanaged, IEquatable<T>
        {
            using DeviceMemory<T> memory = new(values.Length, device);
            Expect.Equal(values.LongLength, memory.Length);
            Expect.Equal(values.LongLength * sizeof(T), memory.ByteLength);
            Expect.True(memory.Device == device);
            memory.CopyFrom(values);
            T[] back = new T[values.Length + 3];
            memory.CopyTo(back);
            Expect.Same<T>(values, back.AsSpan(0, values.Length));
            Expect.Same<T>(new T[3], back.AsSpan(values.Length));
            Expect.Same<T>(values, memory.ToArray());
        }
    }

    private static void Addresses(Device device)
    {
        using DeviceMemory<byte> none = new(0, device);
        using DeviceMemory<byte> one = new(1, device);
        using DeviceMemory<byte> many = new(1 << 20, device);
        Expect.True(none.Pointer != 0 && one.Pointer != 0 && none.Pointer != one.Pointer);
        Expect.Equal(0, one.Pointer & 255);
        Expect.Equal(0, many.Pointer & 255);
        using PinnedMemory<int> pinned = new(10, device);
        Expect.Equal(10, pinned.Span.Length);
        fixed (int* first = pinned.Span)
        {
            Expect.Equal(pinned.Pointer, (nint)first);
        }

        using DeviceMemory<byte> view = DeviceMemory<byte>.FromPointer(many.Pointer, 16, device);
        Expect.Equal(many.Pointer, view.Pointer);
    }

    private static void Slices(Device device)
    {
        int[] values = Sequence(1000, i => i * 3);
        using DeviceMemory<int> memory = new(1000, device);
        memory.CopyFrom(values);
        DeviceMemory<int> middle = memory.Slice(100, 50);
        Expect.Equal(memory.Pointer + 400, middle.Pointer);
        Expect.Same<int>(values.AsSpan(100, 50), middle.ToArray());
        middle.Slice(10, 5).CopyFrom([-1, -2, -3, -4, -5]);
        Expect.Same<int>([327, -1, -2, -3, -4, -5, 345], memory.Slice(109, 7).ToArray());
        DeviceMemory<byte> bytes = memory.Cast<byte>();
        Expect.Equal(4000L, bytes.Length);
        Expect.Same<byte>(BitConverter.GetBytes(values[7]), bytes.Slice(28, 4).ToArray());
        Expect.Equal(125L, memory.Slice(0, 251).Cast<long>().Length);
        Expect.Equal(0L, memory.Slice(1000, 0).Length);
        using PinnedMemory<int> pinned = new(20, device);
        pinned.Slice(5, 3).Span.Fill(9);
        Expect.Equal(9, pinned.Span[7]);
    }

    private static void Bounds(Device device)
    {
        using DeviceMemory<int> memory = new(4, device);
        using PinnedMemory<int> longer = new(5, device);
        using PinnedMemory<int> shorter = new(3, device);
        using DeviceMemory<int> five = new(5, device);
        using CudaStream stream = new(device);
        Expect.Throws<ArgumentException>(() => memory.CopyFrom(new int[5]), "5 elements do not fit");
        Expect.Throws<ArgumentException>(() => memory.CopyTo(new int[3]), "room for 3 elements");
        Expect.Throws<ArgumentException>(() => memory.CopyFrom(five));
        Expect.Throws<ArgumentException>(() => memory.CopyFromAsync(longer, stream));
        Expect.Throws<ArgumentException>(() => memory.CopyToAsync(shorter, stream));
        Expect.Throws<ArgumentException>(() => memory.CopyFromAsync(five, stream));
        Expect.Throws<ArgumentException>(() => memory.CopyFromAsync((int*)longer.Pointer, -1, stream));
        Expect.Throws<ArgumentOutOfRangeException>(() => memory.Slice(2, 3), "reaches outside");
        Expect.Throws<ArgumentOutOfRangeException>(() => memory.Slice(-1, 1));
        Expect.Throws<ArgumentOutOfRangeException>(() => memory.Slice(5, 0));
        Expect.Throws<ArgumentOutOfRangeException>(() => memory.Slice(1, long.MaxValue));
        Expect.Throws<ArgumentOutOfRangeException>(() => shorter.Slice(1, 3));
        Expect.Throws<ArgumentOutOfRangeException>(() => new DeviceMemory<int>(-1, device));
        Expect.Throws<ArgumentOutOfRangeException>(() => new DeviceMemory<int>(long.MaxValue, device));
        Expect.Throws<ArgumentOutOfRangeException>(() => new PinnedMemory<int>(-1, device));
        Expect.Throws<ArgumentNullException>(() => memory.ClearAsync(null!));
        stream.Synchronize();
    }

    private static void Fills(Device device)
    {
        using CudaStream stream = new(device);
        using DeviceMemory<byte> bytes = new(1001, device);
        bytes.Fill(7);
        Expect.True(bytes.ToArray().All(b => b == 7));
        bytes.Slice(1, 10).Clear();
        Expect.Equal(991 * 7, bytes.ToArray().Sum(b => b));
        using DeviceMemory<Half> halves = new(777, device);
        halves.FillAsync((Half)1.5f, stream);
        stream.Synchronize();
        Expect.True(halves.ToArray().All(h => h == (Half)1.5f));
        using DeviceMemory<float> floats = new(12345, device);
        floats.Fill(-0.125f);
        floats.Slice(0, 5).ClearAsync(stream);
        stream.Synchronize();
        Expect.Equal((12345 - 5) * -0.125f, floats.ToArray().Sum());
        using DeviceMemory<double> doubles = new(3, device);
        Expect.Throws<NotSupportedException>(() => doubles.Fill(1.0), "Double has 8");
    }

    private static void AsyncCopies(Device device)
    {
        const int Length = 1 << 18;
        using CudaStream stream = new(device);
        using PinnedMemory<int> input = new(Length, device);
        using PinnedMemory<int> output = new(Length, device);
        using DeviceMemory<int> memory = new(Length, device);
        for (int round = 1; round <= 3; round++)
        {
            for (int i = 0; i < Length; i++)
            {
                input.Span[i] = i * round;
            }

            memory.CopyFromAsync(input, stream);
            memory.CopyToAsync(output, stream);
            stream.Synchronize();
            Expect.Same<int>(input.Span, output.Span);
        }
    }

    private static void DeviceCopies(Device device)
    {
        int[] values = Sequence(4096, i => i ^ 0x55);
        using CudaStream stream = new(device);
        using DeviceMemory<int> first = new(4096, device);
        using DeviceMemory<int> second = new(4096, device);
        using DeviceMemory<int> third = new(5000, device);
        first.CopyFrom(values);
        second.CopyFrom(first);
        Expect.Same<int>(values, second.ToArray());
        third.ClearAsync(stream);
        third.CopyFromAsync(second, stream);
        stream.Synchronize();
        Expect.Same<int>(values, third.Slice(0, 4096).ToArray());
        Expect.Equal(0, third.Slice(4096, 904).ToArray().Max());
    }

    private static void MixedCopies(Device device)
    {
        int[] values = Sequence(300, i => i * i);
        using DeviceMemory<int> here = new(300, device);
        using DeviceMemory<int> host = new(300, Device.Of(new HostDeviceApi(1))[0]);
        host.CopyFrom(values);
        here.CopyFrom(host);
        Expect.Same<int>(values, here.ToArray());
        host.Clear();
        host.CopyFrom(here);
        Expect.Same<int>(values, host.ToArray());
        using CudaStream stream = new(device);
        Expect.Throws<ArgumentException>(() => here.CopyFromAsync(host, stream), "cannot be queued");
        Expect.Throws<ArgumentException>(() => host.ClearAsync(stream), "work together in no way");
    }

    private static void Pool(Device device)
    {
        if (!device.SupportsMemoryPools)
        {
            return;
        }

        using CudaStream stream = new(device);
        ulong before = device.PoolReleaseThreshold;
        device.PoolReleaseThreshold = 1 << 24;
        Expect.Equal(1UL << 24, device.PoolReleaseThreshold);
        using PinnedMemory<int> output = new(1000, device);
        for (int round = 0; round < 20; round++)
        {
            using DeviceMemory<int> memory = DeviceMemory<int>.AllocateAsync(1000, stream);
            memory.FillAsync(round, stream);
            memory.CopyToAsync(output, stream);
            memory.Dispose(); // behind the copy
            stream.Synchronize();
            Expect.True(output.Span.IndexOfAnyExcept(round) < 0);
        }

        // Freed by the device when its stream is gone.
        CudaStream gone = new(device);
        DeviceMemory<int> left = DeviceMemory<int>.AllocateAsync(10, gone);
        gone.Synchronize();
        gone.Dispose();
        left.Dispose();
        device.TrimPool();
        device.PoolReleaseThreshold = before;
    }

    private static void OutOfMemory(Device device)
    {
        long bytes = device.Memory.TotalBytes * 16;
        CudaException error = Expect.Throws<CudaException>(() => new DeviceMemory<byte>(bytes, device).Dispose(), $"{bytes} bytes");
        Expect.Equal(CudaResult.OutOfMemory, error.Result);
        Expect.Equal("CUDA_ERROR_OUT_OF_MEMORY", error.ErrorName);
        Expect.True(error.Message.Contains(device.ToString(), StringComparison.Ordinal), error.Message);
        Expect.True(error.Message.Contains("smaller batch", StringComparison.Ordinal), error.Message);
    }

    private static void PeerCopies(Device device)
    {
        Device other = Device.Of(device.Api)[1];
        Expect.True(!device.CanAccessPeer(device));
        if (device.CanAccessPeer(other))
        {
            device.EnablePeerAccess(other);
            device.EnablePeerAccess(other);
        }

        int[] values = Sequence(10_000, i => i * 7);
        using DeviceMemory<int> here = new(values.Length, device);
        using DeviceMemory<int> there = new(values.Length, other);
        here.CopyFrom(values);
        there.CopyFrom(here);
        Expect.Same<int>(values, there.ToArray());
        here.Clear();
        using CudaStream stream = new(device);
        here.CopyFromAsync(there, stream);
        stream.Synchronize();
        Expect.Same<int>(values, here.ToArray());

        // Across devices in order, by an event.
        using CudaStream otherStream = new(other);
        using CudaEvent filled = new(device, EventFlags.DisableTiming);
        using Gate gate = Gate.Close(stream);
        here.FillAsync(5, stream);
        stream.Record(filled);
        otherStream.Wait(filled);
        there.CopyFromAsync(here, otherStream);
        Expect.True(!otherStream.IsIdle);
        gate.Open();
        otherStream.Synchronize();
        Expect.True(there.ToArray().All(v => v == 5));
        device.DisablePeerAccess(other);
        device.DisablePeerAccess(other);
    }

    private static void DeviceMismatch(Device device)
    {
        using CudaStream stream = new(Device.Of(device.Api)[1]);
        using DeviceMemory<int> memory = new(1, device);
#if DEBUG
        Expect.Throws<ArgumentException>(() => memory.ClearAsync(stream), "Make both with the same device");
#else
        Expect.True(stream.Device != memory.Device);
#endif
    }
}
