using Trt.Interop.Cuda;

namespace Trt.Tests;

/// <summary>The device on which tests run engines: the stand-in in host memory, or what a program that runs the tests elsewhere chose.</summary>
internal static class TestDevice
{
    /// <summary>The device.</summary>
    public static Device Current { get; set; } = Device.Host;

    /// <summary>Whether the engine works on copies of the tests' arrays in memory that a GPU reads and writes: the arrays of .NET lie where it cannot, and aligned too little.</summary>
    public static bool Copies { get; set; }

    /// <summary>Waits for a stream and brings what its work wrote into the calling thread's arrays.</summary>
    /// <param name="stream">The stream; the default stream when null.</param>
    public static void Synchronize(CudaStream? stream = null)
    {
        (stream ?? Current.DefaultStream).Synchronize();
        if (Copies)
        {
            PinnedBuffers.PullAll();
        }
    }
}
