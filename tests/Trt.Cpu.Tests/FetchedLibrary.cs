using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Trt.Cpu.OnnxRuntime;

namespace Trt.Cpu.Tests;

/// <summary>The ONNX Runtime that the build fetched.</summary>
internal static class FetchedLibrary
{
    /// <summary>Tests may be built into a folder outside of the checkout, above which the loader would not find it.</summary>
    [ModuleInitializer]
    internal static void Use()
    {
        string system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        string folder = Checkout.Path(".cache", "onnxruntime", $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}");
        if (Environment.GetEnvironmentVariable(OrtLibraryPlaces.Variable) is null or "" && Directory.Exists(folder))
        {
            AppContext.SetData(OrtLibraryPlaces.Setting, folder);
        }
    }
}
