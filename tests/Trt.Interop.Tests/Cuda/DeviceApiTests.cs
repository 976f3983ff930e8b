using Trt.Interop.Cuda;
using Xunit;

namespace Trt.Interop.Tests.Cuda;

/// <summary>The conformance cases over the host stand-in and, where there is one, over the driver.</summary>
[Collection("device")]
public sealed class DeviceApiTests
{
    public static TheoryData<string> Names => new(DeviceConformance.All.Select(item => item.Name));

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void HostStandIn(string name) => Run(name, new HostDeviceApi(2));

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void Driver(string name)
    {
        Skip.IfNot(CudaDriver.IsAvailable(out string reason), reason);
        Run(name, CudaDeviceApi.Instance);
    }

    private static void Run(string name, IDeviceApi api)
    {
        ConformanceCase item = DeviceConformance.All.Single(item => item.Name == name);
        Skip.If(item.WhyNot(api) is not null, item.WhyNot(api));
        item.Body(Device.Of(api)[0]);
    }
}
