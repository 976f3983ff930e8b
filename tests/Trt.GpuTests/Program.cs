using System.Diagnostics;
using Trt.GpuTests;
using Trt.Interop.Cuda;
using Trt.Interop.Tests.Cuda;

if (args.Length < 3)
{
    Console.Error.WriteLine("usage: Trt.GpuTests LIBRARIES PLANS MODELS [lean8|lean10|lean11|device|runner ...]");
    Console.Error.WriteLine("  LIBRARIES  folder of libnvinfer_lean.so.8, .10 and .11 and libnvinfer_vc_plugin.so.10");
    Console.Error.WriteLine("  PLANS      folder of version-compatible plans with the outputs that 8.6.0 gave for them (*.plan, *.npz)");
    Console.Error.WriteLine("  MODELS     folder of lenet_golden.npz, unet_golden.npz, charrnn_golden.npz and shapes_retinanet_golden.npz");
    return 2;
}

if (!CudaDriver.IsAvailable(out string reason))
{
    Console.Error.WriteLine($"There is no GPU to test on: {reason}");
    return 2;
}

Device device = Device.All[0];
device.MakeCurrent();
Console.WriteLine($"{device.Name}, {device}");
Stopwatch watch = Stopwatch.StartNew();
Checks checks = new(Console.Out);
Files files = new(args[0], args[1], args[2]);
string[] parts = args.Length > 3 ? args[3..] : ["device", "lean10", "lean8", "runner", "lean11"];
foreach (string part in parts)
{
    Console.WriteLine($"== {part}");
    switch (part)
    {
        case "device":
            int failed = 0;
            checks.That("device API conformance", () => (failed = DeviceConformance.Run(CudaDeviceApi.Instance, Console.Out)) == 0 ? null : $"{failed} cases failed");
            break;
        case "lean8":
            new Lean8Checks(checks, files, device).Run();
            break;
        case "lean10":
            new Lean10Checks(checks, files, device).Run();
            break;
        case "lean11":
            new Lean11Checks(checks, files).Run();
            break;
        case "runner":
            new RunnerChecks(checks, files, device, Console.Out).Run();
            break;
        default:
            Console.Error.WriteLine($"There is no part \"{part}\"; known: device, lean8, lean10, lean11, runner.");
            return 2;
    }
}

Console.WriteLine($"{checks.Passed} passed, {checks.Failed} failed in {watch.Elapsed.TotalSeconds:F1} s");
return checks.Failed == 0 ? 0 : 1;
