using System.Globalization;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>The program as the other process of an exchange through handles of the driver.</summary>
internal static class IpcChild
{
    /// <summary>The first argument of such a process.</summary>
    public const string Argument = "--ipc";

    /// <summary>What the child starts it with.</summary>
    public static string[] Arguments(IpcMemoryHandle memory, long offset, int count, IpcEventHandle mark) =>
        [Argument, Convert.ToHexString(memory.ToArray()), offset.ToString(CultureInfo.InvariantCulture), count.ToString(CultureInfo.InvariantCulture), Convert.ToHexString(mark.ToArray())];

    /// <summary>Waits for the parent's event, checks its values, writes others and records the event anew.</summary>
    public static int Run(string[] arguments)
    {
        Device device = Device.All[0];
        int count = int.Parse(arguments[3], CultureInfo.InvariantCulture);
        using DeviceMemory<float> memory = DeviceMemory<float>.OpenIpc(new IpcMemoryHandle(Convert.FromHexString(arguments[1])), count, long.Parse(arguments[2], CultureInfo.InvariantCulture), device);
        using CudaEvent mark = CudaEvent.OpenIpc(new IpcEventHandle(Convert.FromHexString(arguments[4])), device);
        using CudaStream stream = new(device);
        using PinnedMemory<float> values = new(count, device);
        stream.Wait(mark);
        memory.CopyToAsync(values, stream);
        stream.Synchronize();
        for (int i = 0; i < count; i++)
        {
            if (values.Span[i] != i * 0.5f)
            {
                Console.Error.WriteLine($"value {i} is {values.Span[i]}");
                return 1;
            }

            values.Span[i] = (2 * i) + 1;
        }

        memory.CopyFromAsync(values, stream);
        stream.Record(mark);
        stream.Synchronize();
        try
        {
            DeviceMemory<float>.OpenIpc(new IpcMemoryHandle(Convert.FromHexString(arguments[1])), 1L << 40, 0, device).Dispose();
            Console.Error.WriteLine("a length beyond the allocation was taken");
            return 1;
        }
        catch (ArgumentOutOfRangeException)
        {
            return 0;
        }
    }
}
