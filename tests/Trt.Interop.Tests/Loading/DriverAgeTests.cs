using Trt.Interop.Loading;
using Xunit;

namespace Trt.Interop.Tests.Loading;

/// <summary>Libraries and runtimes that would end the process are refused first.</summary>
public sealed class DriverAgeTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("trt-driver-age-").FullName;

    [Theory]
    [InlineData(1 << 20)] // across the end of what is read at once
    [InlineData(5)]
    public void A_library_for_CUDA_12_wants_a_driver_for_it(int at)
    {
        string path = Path.Combine(folder, "library");
        byte[] bytes = new byte[at + 100];
        "cuGetProcAddress_v2"u8.CopyTo(bytes.AsSpan(Math.Max(at - 7, 0)));
        File.WriteAllBytes(path, bytes);

        Assert.Contains("supports CUDA 11.8 only, and the library was built for CUDA 12", DriverAge.WhyTooOld(new Version(11, 8), path), StringComparison.Ordinal);
        Assert.Null(DriverAge.WhyTooOld(new Version(12, 0), path));
    }

    [Fact]
    public void A_library_for_CUDA_11_takes_an_older_driver()
    {
        string path = Path.Combine(folder, "library");
        File.WriteAllBytes(path, [.. "cuGetProcAddress"u8, 0, .. new byte[3 << 20]]);

        Assert.Null(DriverAge.WhyTooOld(new Version(11, 4), path));
    }

    [Theory]
    [InlineData("libnvinfer_lean.so.8", 8)]
    [InlineData("/usr/lib/libnvinfer_lean.so.10.16.1", 10)]
    [InlineData("libnvinfer_lean.so", null)]
    [InlineData("libnvinfer.so.8", null)]
    [InlineData("libnvinfer_lean.so.x", null)]
    public void The_release_of_a_lean_runtime_is_in_its_name(string path, int? major) => Assert.Equal(major, LeanRuntimeFile.MajorOf(path));

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
