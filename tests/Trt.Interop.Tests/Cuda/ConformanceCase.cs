using Trt.Interop.Cuda;

namespace Trt.Interop.Tests.Cuda;

/// <summary>One check that every device API must pass.</summary>
/// <param name="Name">What is checked.</param>
/// <param name="Body">Throws where it does not hold. The device is the first of its API.</param>
/// <param name="Devices">How many devices of one API it needs.</param>
public sealed record ConformanceCase(string Name, Action<Device> Body, int Devices = 1)
{
    /// <summary>Null where the case can run on this API, else why not.</summary>
    public string? WhyNot(IDeviceApi api) => api.DeviceCount >= Devices ? null : $"needs {Devices} devices; there is {api.DeviceCount} ({api.Name})";
}
